import Logging
import MartletCore
import MartletRDD
import Synchronization

extension FileInput {
  /// What the next look would take, and which files would have to wait, but for empty ones.
  typealias LookAhead = (isAnyComplete: Bool, unsettled: [FilePath])

  /// Whether there are files for one more batch.
  ///
  /// A file that was written where it lies is complete once it has been left alone for the settle time. The first look
  /// notes it, and after so long, at most two seconds, the next look can take it. What is still written then is left, and
  /// the log is told. All streams take their first looks before one waits, so that they wait at the same time.
  func waitForLastFiles(settleTime: Duration, _ first: LookAhead, at begin: MonotonicTime) -> Bool {
    let longest = Duration.seconds(2)
    guard !first.unsettled.isEmpty else { return first.isAnyComplete }
    if settleTime <= longest {
      // A little longer: files are stamped by a clock that ticks every few milliseconds.
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
        \(site): the context stops, and does not read the file '\(path)'\(others), because it may still be \
        written. Write a file elsewhere on the same disk and rename it when it is complete: then it is read at once.
        """)
    }
    return last.isAnyComplete
  }

  /// Looks, and takes nothing.
  ///
  /// - Parameter noting: whether files that have to wait are noted, so that the next look knows them.
  func lookAhead(noting: Bool) -> LookAhead {
    scan.withLock { scan in
      // Copies: a file that is taken must be in the plan of a batch at once.
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
