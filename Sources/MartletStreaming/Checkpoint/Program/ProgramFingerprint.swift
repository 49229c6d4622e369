import MartletCore

/// What a checkpoint remembers of a program, to tell whether another may go on with it.
package struct ProgramFingerprint: Sendable, Equatable {
  /// A source.
  package struct Input: Sendable, Equatable {
    package var id: String
    /// Where it stood in the program, for messages.
    package var site: String
    /// The id that it would have without a name.
    package var place: String
    /// What its files in the folder of the checkpoint are known by: an id that it has or had.
    package var filesID: String

    package init(id: String, site: String, place: String? = nil, filesID: String? = nil) {
      self.id = id
      self.site = site
      self.place = place ?? id
      self.filesID = filesID ?? id
    }
  }

  /// A stateful operator.
  package struct Operator: Sendable, Equatable {
    package var id: String
    package var site: String
    package var form: StateForm
    /// The id that it would have without a name of its own.
    package var place: String
    /// The id that it would have if none but stateful operators had names, and it had none itself.
    package var statePlace: String
    /// The id that it would have if nothing had a name.
    package var path: String
    /// The id under which its state is in segments that earlier programs have written, if that was another.
    package var formerID: String?
    /// Whether the program gives it states to begin with.
    package var hasInitialStates: Bool
    /// Whether what segments of earlier owners hold under its id is not its own: the program has dropped that.
    package var beginsAnew = false
    /// In what form the log holds what it has given to batches, for windows; `nil` if it does not.
    package var resultForm: String?

    package init(
      id: String, site: String, form: StateForm, place: String? = nil, statePlace: String? = nil, path: String? = nil,
      formerID: String? = nil, hasInitialStates: Bool = false
    ) {
      self.id = id
      self.site = site
      self.form = form
      self.place = place ?? id
      self.statePlace = statePlace ?? place ?? id
      self.path = path ?? id
      self.formerID = formerID
      self.hasInitialStates = hasInitialStates
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
    /// What the user may not have wanted.
    package var warnings: [String] = []
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
    let succession = succession(to: program, forgetting: forgetting)
    result.refusals += succession.refusals
    for new in program.operators where !operators.contains(where: { $0.id == new.id }) {
      if let former = succession.formerIDs[new.id] {
        result.notices.append("The stateful operator \(new.description) goes on with the state of \(former).")
      } else {
        let beginning = new.hasInitialStates ? "with the states that the program gives it" : "without state"
        result.notices.append("The stateful operator \(new.description) is new: it begins \(beginning).")
      }
    }
    let formerInputs = inputSuccession(to: program)
    for (new, former) in formerInputs.sorted(by: { $0.key < $1.key }) {
      result.notices.append("The input \(new) goes on where \(former) was.")
    }
    let succeeded = Set(formerInputs.values)
    for old in inputs where !program.inputs.contains(where: { $0.id == old.id }) && !succeeded.contains(old.id) {
      if unfinishedInputs.contains(old.id) {
        result.refusals.append(
          """
          The input \(old.id), previously at \(old.site), is no longer in the program, but batches with its records \
          are not processed yet. Run the program with the input once, and stop it gracefully.
          """)
      } else if isInUse {
        result.refusals.append(
          """
          The input \(old.id), previously at \(old.site), is no longer in the program, but the process that uses the \
          checkpoint may be assigning its records to batches. Stop that process first.
          """)
      } else {
        result.notices.append("The input \(old.id), at \(old.site) then, is not in the program any more.")
      }
    }
    for new in program.inputs where !inputs.contains(where: { $0.id == new.id }) && formerInputs[new.id] == nil {
      result.notices.append("The input \(new.id) is new.")
    }
    return result
  }
}
