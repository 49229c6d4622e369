import MartletTesting
import Testing

extension TestStreamingContext {
  /// Runs batches until `isDone`, which takes milliseconds; records an issue if it never becomes true.
  func runBatches(until isDone: () -> Bool, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let deadline = ContinuousClock.now + .seconds(120)
    while !isDone() {
      guard ContinuousClock.now < deadline else {
        Issue.record("What was waited for has not come.", sourceLocation: sourceLocation)
        return
      }
      try runBatch()
    }
  }

  /// Waits until a receiver has reported an error whose message contains `text`.
  func waitForReceiverError(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) {
    let came = events.wait { events in
      events.contains { event in
        if case .receiverError(let info) = event { info.lastErrorMessage.contains(text) } else { false }
      }
    }
    #expect(came, "\(text)", sourceLocation: sourceLocation)
  }
}

/// Waits until `condition` holds; records an issue if it never does.
func wait(
  for what: String, sourceLocation: SourceLocation = #_sourceLocation, until condition: () -> Bool
) async {
  let deadline = ContinuousClock.now + .seconds(120)
  while !condition() {
    guard ContinuousClock.now < deadline else {
      Issue.record("\(what) has not come.", sourceLocation: sourceLocation)
      return
    }
    await Task.yield()
  }
}

extension StreamOutput {
  /// The elements of all batches so far.
  var all: [Element] { batches.flatMap { $0 } }
}
