import MartletTorture
import Martlet
import MartletStreaming
import MartletTesting
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Runs a program with a checkpoint according to commands on standard input: `batch` runs a batch, `store LINE` makes
/// the receiver store a line. Reports the results on standard output.
///
/// - Parameters:
///   - program: a `StatefulProgram`, or `receiver`.
///   - options: `take-over`; `stop=STEP` stops the whole process (SIGSTOP) at that step of a batch, `stop=STEP:N` at
///     its Nth occurrence.
func serve(_ program: String, from input: String, in folder: String, _ options: ArraySlice<String>) async throws {
  var run = RecoverableRun(folder: folder)
  run.takesOver = options.contains("take-over")
  if let option = options.first(where: { $0.hasPrefix("stop=") }) { run.onStep = try stopping(option.dropFirst(5)) }
  let test: TestStreamingContext
  var receiver: Receiver<Text>?
  if let program = StatefulProgram(rawValue: program) {
    test = try run.start(program, from: input)
  } else {
    (test, receiver) = try run.startReceiver()
  }
  say("started")
  while let line = readLine() {
    if line.hasPrefix("store ") {
      let isStored = receiver?.store(contentsOf: [Text(String(line.dropFirst(6)))]) ?? false
      say(isStored ? "stored" : "not stored")
      continue
    }
    do {
      say("done \(try test.runBatch().milliseconds)")
    } catch {
      say("batch failed: \(error)")
      // A batch that fails stops the context.
      try await test.context.awaitTermination()
    }
  }
  test.stop()
  try await test.context.awaitTermination()
  say("stopped")
}

/// Stops the process at a step.
private func stopping(_ text: Substring) throws -> @Sendable (BatchStep) -> Void {
  let parts = text.split(separator: ":")
  guard let step = parts.first.flatMap({ BatchStep(rawValue: String($0)) }) else {
    throw TortureError("There is no step '\(text)'.")
  }
  let wanted = parts.count > 1 ? Int(parts[1]) ?? 1 : 1
  let count = Atomic<Int>(0)
  return { now in
    guard now == step, count.add(1, ordering: .relaxed).newValue == wanted else { return }
    say("at \(step)")
    // The signal goes to this thread, which does not continue.
    raise(SIGSTOP)
  }
}

/// Runs a context until a signal ends it; meanwhile a second context is refused.
func runBesideAnother() async throws {
  let first = StreamingContext(master: "local[2]", appName: "first", batchInterval: .milliseconds(50))
  first.queueStream([first.sparkContext.parallelize([1])]).foreachRDD { (_: RDD<Int>) in }
  async let report = first.run()
  while first.getState() != .active { await Task.yield() }
  let second = StreamingContext(master: "local[2]", appName: "second", batchInterval: .seconds(1))
  do { _ = try await second.run() } catch { say("refused: \(error)") }
  _ = try await report
  say("ended")
}
