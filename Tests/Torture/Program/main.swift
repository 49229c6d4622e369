// The program that is killed repeatedly: a workload on the real clock. It runs until it receives SIGTERM or SIGINT, and
// then stops gracefully.

import FaultHarness
import MartletTorture
import Martlet
import TortureVerifier

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

do {
  let options = try Options(CommandLine.arguments)
  let status = try ProgramStatus(options.status)
  let watch = StepWatch(status, options)
  // A receiver has a thread to itself.
  let threads = options.threads + (options.workload == .map ? 1 : 0)
  let ssc = StreamingContext(
    master: "local[\(threads)]", appName: "torture", batchInterval: .milliseconds(options.interval))
  ssc.addStreamingListener(watch)
  if options.hasCheckpoint {
    ssc.checkpoint("\(options.folder)/checkpoint")
    // Very small segments: the log is truncated as often as possible.
    ssc.watchCheckpoint(segmentBytes: 2000) { watch.note($0) }
  }
  options.workload.setUp(ssc, options) {
    try watch.noteInClosure(StepWatch.computing)
    guard options.pause > 0 else { return }
    status.count(.computing)
    usleep(UInt32(1000 * options.pause))
    status.count(.computing, -1)
  } committing: {
    try watch.noteInClosure(StepWatch.committing)
  }
  let report = try await ssc.run()
  print("stopped: \(report)")
} catch {
  print("failed: \(error)")
  exit(1)
}
