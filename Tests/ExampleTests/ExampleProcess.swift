import Foundation
import MartletTorture
import Synchronization
import Testing

/// An example program, run as a process of its own.
final class ExampleProcess: Sendable {
  private let process: Process
  private let output = Mutex("")
  private let reader = DispatchGroup()

  /// Starts the program `name`, which is in the same folder as the tests. Standard output and standard error are read
  /// together.
  ///
  /// - Parameters:
  ///   - redirections: redirections of the program's descriptors, in the language of the shell, such as `>&-`.
  ///   - ignoring: signals that are ignored when the program starts, such as `INT HUP`.
  ///   - output: the descriptors for standard output and standard error, and for reading them; by default a pipe.
  init(
    _ name: String, _ arguments: [String], redirections: String? = nil, ignoring: String? = nil,
    output: (write: FileHandle, read: FileHandle)? = nil
  ) throws {
    let process = Process()
    let program = try built(name)
    if redirections != nil || ignoring != nil {
      let trap = ignoring.map { "trap '' \($0); " } ?? ""
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = ["-c", "\(trap)exec \"$0\" \"$@\" \(redirections ?? "")", program] + arguments
    } else {
      process.executableURL = URL(fileURLWithPath: program)
      process.arguments = arguments
    }
    process.standardInput = FileHandle.nullDevice
    let pipe = Pipe()
    process.standardOutput = output?.write ?? pipe.fileHandleForWriting
    process.standardError = output?.write ?? pipe.fileHandleForWriting
    self.process = process
    try process.run()
    // Only the program's own end keeps the output open.
    try (output?.write ?? pipe.fileHandleForWriting).close()
    let handle = output?.read ?? pipe.fileHandleForReading
    DispatchQueue(label: "output-of-\(name)").async(group: reader) { [self] in
      while true {
        let data = handle.availableData
        if data.isEmpty { return }
        self.output.withLock { $0 += String(decoding: data, as: UTF8.self) }
      }
    }
  }

  deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

  /// The process identifier.
  var number: Int32 { process.processIdentifier }

  /// The output of the program so far.
  var text: String { output.withLock { $0 } }

  /// Waits until the condition holds for the output of the program. The condition is checked every `interval`.
  func wait(
    for what: String, every interval: Duration = .milliseconds(5), sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: (String) throws -> Bool
  ) async throws {
    let deadline = ContinuousClock.now + .seconds(300)
    while try !condition(text) {
      if ContinuousClock.now >= deadline || !process.isRunning {
        // The last output may not have been read yet.
        if !process.isRunning {
          _ = await end()
          if try condition(text) { return }
        }
        Issue.record("No \(what) in the output:\n\(text)", sourceLocation: sourceLocation)
        throw CancellationError()
      }
      try await Task.sleep(for: interval)
    }
  }

  /// Waits until the program has written `part`.
  func wait(for part: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    try await wait(for: part, sourceLocation: sourceLocation) { $0.contains(part) }
  }

  /// Sends a signal.
  func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  /// Waits for the program's end, and returns its status and its whole output. A program that does not end is killed,
  /// and an issue is recorded.
  func end(sourceLocation: SourceLocation = #_sourceLocation) async -> (status: Int32, text: String) {
    let watch = Task { [self] in
      try await Task.sleep(for: .seconds(300))
      Issue.record("The program does not end:\n\(text)", sourceLocation: sourceLocation)
      send(SIGKILL)
    }
    defer { watch.cancel() }
    return await withCheckedContinuation { continuation in
      DispatchQueue.global().async { [self] in
        process.waitUntilExit()
        reader.wait()
        continuation.resume(returning: (process.terminationStatus, text))
      }
    }
  }
}

extension TestFolder {
  /// Writes a file under another name and moves it in.
  func moveIn(_ name: String, _ text: String) throws {
    try text.write(toFile: "\(path)/.\(name)", atomically: false, encoding: .utf8)
    try FileManager.default.moveItem(atPath: "\(path)/.\(name)", toPath: "\(path)/\(name)")
  }
}
