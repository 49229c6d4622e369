import MartletCore
import MartletStreaming

/// The assignment of the states of a checkpoint to the operators of a program.
package struct StateSuccession: Sendable, Equatable {
  /// The ids of states in the checkpoint, by the new ids of their operators, if these have changed.
  package var formerIDs: [String: String] = [:]
  /// The reasons why the assignment is unclear; empty if it is not.
  package var refusals: [String] = []
}

extension ProgramFingerprint {
  /// Assigns the states of this program to the operators of `program`.
  ///
  /// A state belongs to the operator with the same id. An unnamed operator may get a name, or be computed from a stream
  /// that gets or loses one: its id changes then, and it is identified by its path, if it is the only one there, in the
  /// program and in the checkpoint. If a state could belong to several operators, it is refused, because state must not
  /// be moved silently.
  package func succession(to program: ProgramFingerprint, forgetting: Set<String> = []) -> StateSuccession {
    var result = StateSuccession()
    let known = Set(operators.map(\.id))
    let newcomers = program.operators.filter { !known.contains($0.id) }
    let unnamed = operators.filter { !$0.isNamed && !forgetting.contains($0.id) }
    for old in operators where !forgetting.contains(old.id) && !forgetting.contains(old.name) {
      if let same = program.operators.first(where: { $0.id == old.id }) {
        result.refusals += old.changes(to: same)
        // A name was added to one of two operators that nothing else distinguishes.
        let twins = newcomers.filter {
          !old.isNamed && ($0.isNamed && $0.place == old.id || $0.statePlace == old.id) && $0.form == old.form
        }
        if !twins.isEmpty { result.refusals.append(unclear(old, twins + [same])) }
        continue
      }
      let heirs = old.isNamed ? [] : newcomers.filter { $0.stands(where: old, among: known) }
      let alike = heirs.filter { $0.form == old.form }
      let others = unnamed.filter { other in
        other.id != old.id && heirs.contains { $0.stands(where: other, among: known) }
      }
      if alike.count == 1 && others.isEmpty {
        result.formerIDs[alike[0].id] = old.id
      } else if alike.isEmpty && heirs.count == 1 && others.isEmpty {
        result.refusals += old.changes(to: heirs[0])
      } else if alike.isEmpty {
        result.refusals.append(missing(old, in: program))
      } else {
        result.refusals.append(unclear(old, alike))
      }
    }
    return result
  }

  /// The inputs of `program` that continue others of this one, by their ids: those that have gained or lost a name, if
  /// this is unambiguous.
  package func inputSuccession(to program: ProgramFingerprint) -> [String: String] {
    let known = Set(inputs.map(\.id))
    let newcomers = program.inputs.filter { !known.contains($0.id) }
    let missing = inputs.filter { old in !program.inputs.contains { $0.id == old.id } }
    var former: [String: String] = [:]
    for old in missing where missing.count(where: { $0.place == old.place }) == 1 {
      let heirs = newcomers.filter { $0.place == old.place }
      if heirs.count == 1 { former[heirs[0].id] = old.id }
    }
    return former
  }

  /// This program as the successor of `before`, with the ids under which it finds states and files.
  ///
  /// - Parameter epoch: the epoch of its owner, which no earlier owner has had.
  package func succeeding(_ before: ProgramFingerprint, epoch: Int, forgetting: Set<String>) -> ProgramFingerprint {
    var result = self
    let formerIDs = before.succession(to: self, forgetting: forgetting).formerIDs
    for index in result.operators.indices {
      let id = result.operators[index].id
      result.operators[index].formerID = formerIDs[id]
      result.operators[index].beginsAnew = before.operators.contains { old in
        old.id == id && !forgetting.isDisjoint(with: [id, old.name])
      }
    }
    let formerInputs = before.inputSuccession(to: self)
    let ids = inputs.map { input in before.inputs.first { $0.id == formerInputs[input.id] ?? input.id } }
    let taken = Set(ids.compactMap { $0?.filesID })
    for (index, former) in ids.enumerated() {
      let id = result.inputs[index].id
      // A new one must not find the files of another that had its id before it was named.
      result.inputs[index].filesID = former?.filesID ?? (taken.contains(id) ? "\(id) since \(epoch)" : id)
    }
    return result
  }

  private func unclear(_ old: Operator, _ candidates: [Operator]) -> String {
    let names = candidates.map { "\($0.id) at \($0.site)" }.joined(separator: ", or of ")
    return """
      The state of \(old.id), previously at \(old.site) and unnamed, could belong to \(names). Give the operator \
      that it belongs to a name, and run the program once without the others, which can be added afterwards. Or drop \
      the state: CheckpointOptions(forgettingState: ["\(old.name)"]).
      """
  }

  private func missing(_ old: Operator, in program: ProgramFingerprint) -> String {
    let candidates = program.operators.filter { new in
      new.form == old.form && !operators.contains { $0.id == new.id }
    }
    let advice =
      candidates.first.map {
        """
        If the operator at \($0.site) is the same one at another place of the graph, call .name("…") on it in the \
        program that wrote the checkpoint, and run that program once before you move the operator.
        """
      }
        ?? """
        Restore it, or permit its state to be dropped: CheckpointOptions(forgettingState: ["\(old.name)"]).
        """
    return "The stateful operator \(old.description) is no longer in the program. \(advice)"
  }
}

extension ProgramFingerprint.Operator {
  var isNamed: Bool { id.hasPrefix("name:") }

  /// The name set by the user; the id if there is none.
  package var name: String { isNamed ? String(id.dropFirst(5)) : id }

  var description: String { "\(id), at \(site)," }

  /// Returns true if the operator is at the place of an unnamed one, ignoring its own name or all names. Names of
  /// stateless streams may be on one side only: a program that sets other names means other streams.
  ///
  /// - Parameter known: the ids of all previous operators.
  fileprivate func stands(where old: Self, among known: Set<String>) -> Bool {
    if known.contains(place) { return place == old.id }
    return path == old.path && (place == statePlace || old.id == old.statePlace)
  }

  /// The changes that prevent `new` from continuing with the state.
  fileprivate func changes(to new: ProgramFingerprint.Operator) -> [String] {
    var changes: [String] = []
    func compare(_ what: String, _ old: String?, _ new: String?) {
      if old != new { changes.append("\(what) was \(old ?? "without a codec") and is \(new ?? "without a codec")") }
    }
    compare("the operation", form.operation, new.form.operation)
    if form.key != new.form.key { compare("the type of its keys", form.keyType, new.form.keyType) }
    if form.state != new.form.state { compare("the type of its state", form.stateType, new.form.stateType) }
    if changes.isEmpty && form.key != new.form.key { compare("the form of its keys", form.key, new.form.key) }
    if changes.isEmpty && form.state != new.form.state { compare("the form of its state", form.state, new.form.state) }
    guard !changes.isEmpty else { return [] }
    return [
      """
      The stateful operator \(id), at \(new.site), has changed: \(changes.joined(separator: "; ")). Its state cannot \
      be read as the new type. Revert the change, or give the new operator a new name and drop the old state with \
      CheckpointOptions(forgettingState: ["\(name)"]).
      """
    ]
  }
}
