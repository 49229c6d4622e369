import MartletCore

/// What a checkpoint remembers of a program, to tell whether another may go on with it.
package struct ProgramFingerprint: Sendable, Equatable {
  /// A source.
  package struct Input: Sendable, Equatable {
    package var id: String
    /// Where it stood in the program, for messages.
    package var site: String

    package init(id: String, site: String) {
      self.id = id
      self.site = site
    }
  }

  /// A stateful operator.
  package struct Operator: Sendable, Equatable {
    package var id: String
    package var site: String
    package var form: StateForm

    package init(id: String, site: String, form: StateForm) {
      self.id = id
      self.site = site
      self.form = form
    }
  }

  /// In nanoseconds.
  package var batchInterval: Int64
  package var inputs: [Input]
  package var operators: [Operator]
  /// The output operations, for people to read; they may change.
  package var outputs: [String]

  package init(batchInterval: Int64, inputs: [Input], operators: [Operator], outputs: [String]) {
    self.batchInterval = batchInterval
    self.inputs = inputs
    self.operators = operators
    self.outputs = outputs
  }

  /// What a program changes of the one that wrote the checkpoint.
  package struct Comparison: Sendable, Equatable {
    /// Why the checkpoint cannot be gone on with; empty if it can.
    package var refusals: [String] = []
    /// What is worth telling.
    package var notices: [String] = []
  }

  /// Whether `program` can go on where this one stopped.
  ///
  /// Stateless operators and output operations are not looked at: they may change. State must be taken up by an operator
  /// of the same id and the same types.
  ///
  /// - Parameters:
  ///   - unfinishedInputs: ids of the inputs from which batches have been given records that are not processed.
  ///   - isInUse: whether the program that wrote the checkpoint is at work: it may give records to batches until it is
  ///     fenced off.
  ///   - forgetting: ids or names of operators whose state may be dropped.
  package func compare(
    to program: ProgramFingerprint, unfinishedInputs: Set<String> = [], isInUse: Bool = false,
    forgetting: Set<String> = []
  ) -> Comparison {
    var result = Comparison()
    if program.batchInterval != batchInterval {
      let (old, new) = (Duration.nanoseconds(batchInterval), Duration.nanoseconds(program.batchInterval))
      result.refusals.append(
        "The batch interval was \(old.text) and is \(new.text): the borders of its batches would shift. Set it back.")
    }
    for old in operators where !forgetting.contains(old.id) && !forgetting.contains(old.name) {
      if let new = program.operators.first(where: { $0.id == old.id }) {
        result.refusals += old.changes(to: new)
      } else {
        result.refusals.append(missing(old, in: program))
      }
    }
    for new in program.operators where !operators.contains(where: { $0.id == new.id }) {
      result.notices.append("The stateful operator \(new.description) is new: it begins without state.")
    }
    for old in inputs where !program.inputs.contains(where: { $0.id == old.id }) {
      if unfinishedInputs.contains(old.id) {
        result.refusals.append(
          """
          The input \(old.id), at \(old.site) then, is not in the program any more, and there are batches with its \
          records that are not processed yet. Run the program with it once, and stop it gracefully.
          """)
      } else if isInUse {
        result.refusals.append(
          """
          The input \(old.id), at \(old.site) then, is not in the program any more, and the process that works with the \
          checkpoint may be giving its records to batches. Stop that process first.
          """)
      } else {
        result.notices.append("The input \(old.id), at \(old.site) then, is not in the program any more.")
      }
    }
    for new in program.inputs where !inputs.contains(where: { $0.id == new.id }) {
      result.notices.append("The input \(new.id) is new.")
    }
    return result
  }

  private func missing(_ old: Operator, in program: ProgramFingerprint) -> String {
    let candidates = program.operators.filter { new in
      new.form == old.form && !operators.contains { $0.id == new.id }
    }
    let advice =
      candidates.first.map {
        """
        If the operator at \($0.site) is the same one at another place of the graph, call .name("…") on it in the \
        program that wrote the checkpoint before moving it.
        """
      }
        ?? """
        Put it back, or say that its state may be dropped: \
        CheckpointOptions(forgettingState: ["\(old.name)"]).
        """
    return "The stateful operator \(old.description) is not in the program any more. \(advice)"
  }
}

extension ProgramFingerprint.Operator {
  /// The name that the user gave it; the id if there is none.
  package var name: String { id.hasPrefix("name:") ? String(id.dropFirst(5)) : id }

  var description: String { "\(id), at \(site)," }

  /// What would keep `new` from taking up the state.
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
      The stateful operator \(id), at \(new.site), has changed: \(changes.joined(separator: "; ")). Its state cannot be \
      read as the new type. Set it back, or give the new operator a name of its own and drop the old state with \
      CheckpointOptions(forgettingState: ["\(name)"]).
      """
    ]
  }
}
