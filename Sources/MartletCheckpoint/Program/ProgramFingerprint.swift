import MartletCore
package import MartletStreaming

/// The facts about a program that a checkpoint stores, to determine whether another may continue from it.
package struct ProgramFingerprint: Sendable, Equatable {
  /// A source.
  package struct Input: Sendable, Equatable {
    package var id: String
    /// Its call site in the program, for messages.
    package var site: String
    /// The id that it would have without a name.
    package var place: String
    /// The id of its files in the folder of the checkpoint: an id that it has or had.
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
    /// The id that it would have if only stateful operators had names, and it had none itself.
    package var statePlace: String
    /// The id that it would have if nothing had a name.
    package var path: String
    /// The id of its state in segments of earlier programs, if it was another.
    package var formerID: String?
    /// True if the program gives it initial states.
    package var hasInitialStates: Bool
    /// True if the data under its id in segments of earlier owners is not its own, because the program has dropped it.
    package var beginsAnew = false
    /// The form of its results in the log, for windows; `nil` if they are not in the log.
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

  /// The batch interval in nanoseconds.
  package var batchInterval: Int64
  package var inputs: [Input]
  package var operators: [Operator]
  /// The output operations, for display; they may change.
  package var outputs: [String]

  package init(batchInterval: Int64, inputs: [Input], operators: [Operator], outputs: [String]) {
    self.batchInterval = batchInterval
    self.inputs = inputs
    self.operators = operators
    self.outputs = outputs
  }

  /// The differences between a program and the one that wrote the checkpoint.
  package struct Comparison: Sendable, Equatable {
    /// The reasons why the program cannot continue from the checkpoint; empty if it can.
    package var refusals: [String] = []
    /// Changes that the user may not have intended.
    package var warnings: [String] = []
    /// Changes to report.
    package var notices: [String] = []
  }

  /// Compares this program with `program`, which is to continue where this one stopped.
  ///
  /// Stateless operators and output operations are not compared: they may change. State must be continued by an
  /// operator with the same id and types.
  ///
  /// - Parameters:
  ///   - unfinishedInputs: the ids of inputs with unprocessed records in batches.
  ///   - isInUse: true if the program that wrote the checkpoint is running: it may assign records to batches until it
  ///     is fenced off.
  ///   - forgetting: the ids or names of operators whose state may be dropped.
  package func compare(
    to program: ProgramFingerprint, unfinishedInputs: Set<String> = [], isInUse: Bool = false,
    forgetting: Set<String> = []
  ) -> Comparison {
    var result = Comparison()
    if program.batchInterval != batchInterval {
      let (old, new) = (Duration.nanoseconds(batchInterval), Duration.nanoseconds(program.batchInterval))
      result.refusals.append(
        "The batch interval was \(old.text) and is \(new.text), which would shift the boundaries of batches. Revert the change."
      )
    }
    let succession = succession(to: program, forgetting: forgetting)
    result.refusals += succession.refusals
    for new in program.operators where !operators.contains(where: { $0.id == new.id }) {
      if let former = succession.formerIDs[new.id] {
        result.notices.append("The stateful operator \(new.description) continues with the state of \(former).")
      } else {
        let beginning = new.hasInitialStates ? "with the initial states of the program" : "without state"
        result.notices.append("The stateful operator \(new.description) is new. It begins \(beginning).")
      }
    }
    let formerInputs = inputSuccession(to: program)
    for (new, former) in formerInputs.sorted(by: { $0.key < $1.key }) {
      result.notices.append("The input \(new) continues where \(former) was.")
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
        result.notices.append("The input \(old.id), previously at \(old.site), is no longer in the program.")
      }
    }
    for new in program.inputs where !inputs.contains(where: { $0.id == new.id }) && formerInputs[new.id] == nil {
      result.notices.append("The input \(new.id) is new.")
    }
    return result
  }
}
