import Logging
import MartletCore
import MartletRDD
import MartletStreaming
import Synchronization

extension FileInput {
  /// The result of a look-ahead: whether the next look would read files, and which files would have to wait, except for
  /// empty ones.
  typealias LookAhead = (isAnyComplete: Bool, unsettled: [FilePath])

  /// Returns true if there are files for one more batch.
  ///
  /// A file that was written in place is complete once it has been unchanged for the settle time. The first look
  /// records it, and after the settle time, at most two seconds, the next look can read it. Files that are still being
  /// written then are skipped and logged. All streams take their first looks before any of them waits, so that they
  /// wait at the same time.
  func waitForLastFiles(settleTime: Duration, _ first: LookAhead, at begin: MonotonicTime) -> Bool {
    let longest = Duration.seconds(2)
    guard !first.unsettled.isEmpty else { return first.isAnyComplete }
    if settleTime <= longest {
      // A little longer, because the file system's clock ticks every few milliseconds.
      let deadline = begin + settleTime + .milliseconds(20)
      let condition = Condition()
      condition.withLock {
        while condition.wait(until: deadline) || MonotonicTime.now < deadline {}
      }
    }
    let last = lookAhead(noting: false)
    if let path = last.unsettled.min() {
      let others = last.unsettled.count > 1 ? " and \(last.unsettled.count - 1) more" : ""
      context.sparkContext.logger.warning(
        """
        \(site.name) at \(site.callSite): the context stops without reading the file '\(path)'\(others), because it \
        may still be written. Write a file elsewhere on the same disk and rename it when it is complete, so that it \
        is read at once.
        """)
    }
    return last.isAnyComplete
  }

  /// Looks without reading anything.
  ///
  /// - Parameter noting: true if files that have to wait are recorded, so that the next look knows them.
  func lookAhead(noting: Bool) -> LookAhead {
    scan.withLock { scan in
      // Copies: a file that is read must be in the plan of a batch at once.
      var (folders, progress) = (scan.folders, scan.progress)
      let now = fileClock()
      guard let look = try? folders.look(progress) else {
        scan.folders.keepArrivals(of: folders)
        return (false, [])
      }
      scan.folders.keepArrivals(of: look)
      let taken = progress.next(look, now: now, isBeingWritten: isBeingWritten).take
      var unsettled: [FilePath] = []
      for path in progress.unsettled {
        guard case .growing(let file)? = progress.known[path], file.size > 0 else { continue }
        unsettled.append(path)
        if noting { scan.progress.note(path, .growing(file)) }
      }
      return (!taken.isEmpty, unsettled)
    }
  }
}
