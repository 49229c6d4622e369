import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A server that a test starts, with its data in a temporary folder. It ends with this object, and with the process of the
/// test, even if that is killed.
final class ServerProcess: Sendable {
  /// The folder with the data.
  let folder: String
  let port: Int
  private let user: String?
  /// The pipe that ends the server.
  private let running = Mutex<Pipe?>(nil)

  /// The shell that starts a server, and ends. Its standard input is a pipe that ends when the test does. The server must not
  /// inherit the open descriptors of this process, which are pipes, and the sockets by which Foundation notices that a program
  /// has ended; and it must not be a child of Foundation, which would wait for it when its own socket is closed.
  private static let script = """
    signal=$1; ended=$2; shift 2
    for fd in $(ls /dev/fd); do [ "$fd" -gt 2 ] && eval "exec $fd>&-"; done 2> /dev/null
    exec 3<&0
    (
      "$@" < /dev/null 3<&- & server=$!
      ( while kill -0 $server; do read -r -t 1 _ <&3; [ $? -le 128 ] && { kill -$signal $server; break; }; done ) \
        2> /dev/null &
      wait $server
      touch "$ended"
    ) < /dev/null &
    """

  /// - Parameter user: the user that runs the server if the test runs as root, which servers refuse.
  init(_ name: String, user: String) throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("martlet-\(name)-\(UUID().uuidString)").path
    port = try Self.freePort()
    self.user = getuid() == 0 ? user : nil
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    if let user = self.user { try runCommand(["chown", user, folder]) }
  }

  deinit {
    end()
    // What is left does no harm.
    for path in [folder, log, ended] { try? FileManager.default.removeItem(atPath: path) }
  }

  /// Runs a command as the user of the server.
  @discardableResult
  func run(_ command: [String]) throws -> String { try runCommand(asUser(command)) }

  /// Starts the server, and returns when `isReady` says so.
  func start(_ command: [String], ending signal: String, isReady: () -> Bool) throws {
    let process = Process()
    let lifeline = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["bash", "-c", Self.script, "bash", signal, ended] + asUser(command)
    process.currentDirectoryURL = URL(fileURLWithPath: "/")
    if FileManager.default.fileExists(atPath: ended) { try FileManager.default.removeItem(atPath: ended) }
    _ = FileManager.default.createFile(atPath: log, contents: nil)
    let output = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
    process.standardInput = lifeline
    process.standardOutput = output
    process.standardError = output
    try process.run()
    process.waitUntilExit()
    running.withLock { $0 = lifeline }
    while !isReady() {
      guard !hasEnded else {
        throw ServerFailure("\(command[0]) has ended: \(try String(contentsOfFile: log, encoding: .utf8))")
      }
      usleep(20_000)
    }
  }

  /// Ends the server, and waits for that.
  func end() {
    guard
      let lifeline = running.withLock({ running in
        defer { running = nil }
        return running
      })
    else { return }
    try? lifeline.fileHandleForWriting.close()
    while !hasEnded { usleep(10_000) }
  }

  /// The file that appears when the server has ended.
  private var ended: String { folder + ".ended" }
  private var hasEnded: Bool { FileManager.default.fileExists(atPath: ended) }

  /// The file with what the server says.
  var log: String { folder + ".log" }

  private func asUser(_ command: [String]) -> [String] {
    guard let user else { return command }
    return ["setpriv", "--reuid=\(user)", "--regid=\(user)", "--init-groups"] + command
  }

  private static func freePort() throws -> Int {
    #if canImport(Glibc)
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
      let descriptor = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    guard isBound else { throw ServerFailure("There is no free port: errno \(errno).") }
    return Int(in_port_t(bigEndian: address.sin_port))
  }
}

/// A server that does not do what a test needs.
struct ServerFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// Runs a program, and returns its output.
@discardableResult
func runCommand(_ command: [String]) throws -> String {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = command
  process.currentDirectoryURL = URL(fileURLWithPath: "/")
  // Files, since a server that has been started would keep a pipe open.
  let output = FileManager.default.temporaryDirectory.appendingPathComponent("martlet-output-\(UUID().uuidString)")
  _ = FileManager.default.createFile(atPath: output.path, contents: nil)
  defer { try? FileManager.default.removeItem(at: output) }
  let file = try FileHandle(forWritingTo: output)
  process.standardInput = FileHandle.nullDevice
  process.standardOutput = file
  process.standardError = file
  try process.run()
  process.waitUntilExit()
  let text = try String(contentsOf: output, encoding: .utf8)
  guard process.terminationStatus == 0 else { throw ServerFailure("\(command.joined(separator: " ")): \(text)") }
  return text
}

/// The first folder that has all of some programs.
func folder(of programs: [String], in folders: [String]) -> String? {
  let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
  return (folders + path).first { folder in
    programs.allSatisfy { FileManager.default.isExecutableFile(atPath: "\(folder)/\($0)") }
  }
}
