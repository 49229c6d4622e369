import MartletTesting
import Synchronization
import Testing

@testable import MartletCheckpoint
@testable import MartletStreaming

@Suite(.timeLimit(.minutes(30))) struct CheckpointSettingsTests {
  /// The options of a context that `getOrCreate` makes, whose closure has passed `inner` to `checkpoint`.
  private func options(_ outer: CheckpointOptions?, inner: CheckpointOptions?) -> CheckpointOptions? {
    let context = StreamingContext.getOrCreate("checkpoint", options: outer) {
      let context = StreamingContext(appName: "settings", batchInterval: .seconds(1))
      if let inner { context.checkpoint("checkpoint", options: inner) }
      return context
    }
    return context.withCheckpointSettings { $0?.options }
  }

  @Test func `getOrCreate keeps the options that its closure has set, unless it has its own`() {
    #expect(options(nil, inner: nil)?.missedBatches == .makeUp)
    #expect(options(nil, inner: CheckpointOptions(missedBatches: .skip))?.missedBatches == .skip)
    let both = options(CheckpointOptions(takeOver: true), inner: CheckpointOptions(missedBatches: .skip))
    #expect(both?.takeOver == true && both?.missedBatches == .makeUp)
  }
}
