import MartletCore
import Synchronization

/// Reports the distribution of the delays of the last batches after every batch: Spark's StatsReportListener.
///
/// ```swift
/// ssc.addStreamingListener(StatsReportListener(numBatchInfos: 100))
/// ```
public final class StatsReportListener: StreamingListener {
  private let numBatchInfos: Int
  private let write: @Sendable (String) -> Void
  private let batches = Mutex<[BatchInfo]>([])

  /// - Parameters:
  ///   - numBatchInfos: the maximum number of batches in a report.
  ///   - write: writes the lines of a report; by default to standard error.
  public init(numBatchInfos: Int = 10, write: @escaping @Sendable (String) -> Void = writeToStandardError) {
    self.numBatchInfos = max(1, numBatchInfos)
    self.write = write
  }

  public func onBatchCompleted(_ info: BatchInfo) {
    let last = batches.withLock { batches in
      batches.append(info)
      if batches.count > numBatchInfos { batches.removeFirst() }
      return batches
    }
    let report = [
      line("Total delay", last.compactMap(\.totalDelay)),
      line("Processing time", last.compactMap(\.processingDelay)),
    ]
    write(report.joined())
  }

  /// `name: 10 batches, min 1.0 ms, 25 % 1.1 ms, …`
  private func line(_ name: String, _ delays: [Duration]) -> String {
    let sorted = delays.map(\.inMilliseconds).sorted()
    guard let last = sorted.last else { return "" }
    func at(_ fraction: Double) -> String {
      let value = sorted[min(sorted.count - 1, Int(Double(sorted.count) * fraction))]
      return "\((value * 1000).rounded() / 1000) ms"
    }
    return """
      \(name): \(sorted.count) batches, min \(at(0)), 25 % \(at(0.25)), median \(at(0.5)), 75 % \(at(0.75)), \
      99 % \(at(0.99)), max \((last * 1000).rounded() / 1000) ms\n
      """
  }
}
