#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import Foundation
import Synchronization

/// A program that runs as a process of its own. Its output goes to files, so that no reader is needed.
public final class ChildProcess: Sendable {
  /// The way in which a process ended.
  public enum Ending: Equatable, Sendable {
    case exited(Int32)
    case killed(signal: Int32)
    /// The process was killed because it exceeded its time.
    case timedOut
  }

  private let id: pid_t
  private let scratch: String
  private let input: Mutex<Int32?>
  private let ending = Mutex<Ending?>(nil)

  /// - Parameters:
  ///   - environment: variables added to the environment of this process.
  ///   - scratch: a folder for the output.
  public init(
    _ program: String, _ arguments: [String] = [], environment: [String: String] = [:], scratch: String
  ) throws {
    self.scratch = scratch
    var ends: [Int32] = [0, 0]
    #if canImport(Darwin)
      let stream = SOCK_STREAM
      var actions: posix_spawn_file_actions_t?
    #else
      let stream = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
      var actions = posix_spawn_file_actions_t()
    #endif
    // Unlike a pipe, a socket can be written to without a signal when the program has ended.
    guard socketpair(AF_UNIX, stream, 0, &ends) == 0 else { throw TortureError("No pair of sockets: errno \(errno).") }
    defer { close(ends[1]) }
    #if canImport(Darwin)
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      var yes: Int32 = 1
      setsockopt(ends[0], SOL_SOCKET, SO_NOSIGPIPE, &yes, socklen_t(MemoryLayout<Int32>.size))
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], 0)
    for (descriptor, name) in [(Int32(1), "stdout"), (2, "stderr")] {
      posix_spawn_file_actions_addopen(
        &actions, descriptor, "\(scratch)/\(name)", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0o644)
    }
    var variables = ProcessInfo.processInfo.environment
    variables.merge(environment) { _, new in new }
    var id = pid_t()
    let code = withCStrings([program] + arguments) { arguments in
      withCStrings(variables.map { "\($0)=\($1)" }) { variables in
        posix_spawn(&id, program, &actions, nil, arguments, variables)
      }
    }
    guard code == 0 else {
      close(ends[0])
      throw TortureError("Cannot start '\(program)': errno \(code).")
    }
    self.id = id
    input = Mutex(ends[0])
  }

  deinit {
    closeInput()
    if ending.withLock({ $0 }) == nil { killAndReap() }
  }

  /// The process identifier.
  public var number: Int { Int(id) }

  /// The standard output of the program so far.
  public var output: String { text("stdout") }

  /// The standard error of the program so far.
  public var errors: String { text("stderr") }

  private func text(_ name: String) -> String {
    String(decoding: (try? readFile("\(scratch)/\(name)")) ?? [], as: UTF8.self)
  }

  /// Sends the program a line on its standard input. A program that has ended does not receive it.
  public func send(_ line: String) {
    input.withLock { input in
      guard let input else { return }
      #if canImport(Darwin)
        let flags: Int32 = 0
      #else
        let flags = Int32(MSG_NOSIGNAL)
      #endif
      let bytes = Array((line + "\n").utf8)
      var done = 0
      while done < bytes.count {
        let sent = bytes[done...].withUnsafeBytes { Self.transmit(input, $0, flags) }
        if sent <= 0 { return }
        done += sent
      }
    }
  }

  private static func transmit(_ input: Int32, _ bytes: UnsafeRawBufferPointer, _ flags: Int32) -> Int {
    #if canImport(Glibc)
      Glibc.send(input, bytes.baseAddress, bytes.count, flags)
    #elseif canImport(Musl)
      Musl.send(input, bytes.baseAddress, bytes.count, flags)
    #else
      Darwin.send(input, bytes.baseAddress, bytes.count, flags)
    #endif
  }

  /// Ends the program's standard input.
  public func closeInput() {
    input.withLock { input in
      if let input { close(input) }
      input = nil
    }
  }

  /// Sends a signal, unless the program has ended.
  public func signal(_ signal: Int32) { ending.withLock { if $0 == nil { kill(id, signal) } } }

  /// Whether a signal that was sent has not been taken yet, so that another of its kind would be one with it. Known on
  /// Linux alone.
  public func isPending(_ signal: Int32) -> Bool { hasBit(signal, in: ["ShdPnd"]) ?? false }

  /// Whether the program has made arrangements for a signal, which then does not end it; `nil` if that is not known: it is
  /// on Linux alone.
  public func handles(_ signal: Int32) -> Bool? { hasBit(signal, in: ["SigIgn", "SigCgt"]) }

  /// Whether one of these masks of `/proc/PID/status` has the signal.
  private func hasBit(_ signal: Int32, in masks: [String]) -> Bool? {
    guard let status = try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8) else { return nil }
    // `ShdPnd:	0000000000004000`: the first signal is the lowest bit.
    return status.split(separator: "\n").contains { line in
      let words = line.split(whereSeparator: { $0 == ":" || $0.isWhitespace })
      guard words.count == 2, masks.contains(String(words[0])), let mask = UInt64(words[1], radix: 16) else {
        return false
      }
      return mask >> (signal - 1) & 1 == 1
    }
  }

  /// Waits until SIGSTOP has stopped the process.
  public func waitUntilStopped(seconds: Double = 300) async throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while true {
      var info = siginfo_t()
      // Leaves the status for `end`.
      if waitid(P_PID, id_t(id), &info, WSTOPPED | WNOHANG | WNOWAIT) == 0, info.si_signo == SIGCHLD { return }
      if let ending = ended() { throw TortureError("The program ended, \(ending):\n\(output)\n\(errors)") }
      guard ContinuousClock.now < deadline else { throw TortureError("It did not stop:\n\(output)\n\(errors)") }
      try await Task.sleep(for: Self.pause)
    }
  }

  /// Waits until the program has written `part` to standard output.
  public func wait(forOutput part: String, seconds: Double = 300) async throws {
    try await wait(for: part, seconds: seconds) { output }
  }

  /// Waits until the program has written `part` to standard error.
  public func wait(forErrors part: String, seconds: Double = 300) async throws {
    try await wait(for: part, seconds: seconds) { errors }
  }

  private func wait(for part: String, seconds: Double, in text: () -> String) async throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while !text().contains(part) {
      if let ending = ended(), !text().contains(part) {
        throw TortureError("The program ended, \(ending), without '\(part)':\n\(output)\n\(errors)")
      }
      guard ContinuousClock.now < deadline else {
        throw TortureError("No '\(part)' after \(seconds) s:\n\(output)\n\(errors)")
      }
      try await Task.sleep(for: Self.pause)
    }
  }

  /// Waits for the end, and kills the program if it takes longer than `seconds`.
  public func end(seconds: Double = 300) async throws -> Ending {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while true {
      if let ending = ended() { return ending }
      if ContinuousClock.now >= deadline { break }
      try await Task.sleep(for: Self.pause)
    }
    return ending.withLock { ending in
      if let ending { return ending }
      killAndReap()
      ending = .timedOut
      return .timedOut
    }
  }

  /// The pause between two checks: no thread may be blocked by waiting for the program.
  private static let pause = Duration.microseconds(500)

  private func killAndReap() {
    kill(id, SIGKILL)
    var status: Int32 = 0
    waitpid(id, &status, 0)
  }

  /// The way in which the program ended; `nil` while it runs.
  public func ended() -> Ending? {
    ending.withLock { ending in
      if let ending { return ending }
      var status: Int32 = 0
      guard waitpid(id, &status, WNOHANG) == id else { return nil }
      let signal = status & 0x7f
      ending = signal == 0 ? .exited(status >> 8 & 0xff) : .killed(signal: signal)
      return ending
    }
  }
}

/// Runs `body` with the strings in the form of a C program's arguments: pointers, and a null pointer at the end.
private func withCStrings<Result>(
  _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
  let pointers = strings.map { strdup($0) } + [nil]
  defer { for pointer in pointers { free(pointer) } }
  return pointers.withUnsafeBufferPointer { body($0.baseAddress.unsafelyUnwrapped) }  // it has the null pointer
}
