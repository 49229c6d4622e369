import Foundation

/// Runs a program in the folder of the tests to its end.
func run(_ name: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
  let (process, pipe) = try begin(name, arguments)
  let output = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return (process.terminationStatus, String(decoding: output, as: UTF8.self))
}

/// Starts a program in the folder of the tests.
func begin(_ name: String, _ arguments: [String]) throws -> (Process, Pipe) {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: programPath(name))
  process.arguments = arguments
  process.standardInput = FileHandle.nullDevice
  let pipe = Pipe()
  process.standardOutput = pipe
  process.standardError = FileHandle.nullDevice
  try process.run()
  return (process, pipe)
}

/// The path of a program that was built with the tests.
func programPath(_ name: String) -> String { buildFolder.appendingPathComponent(name).path }

private let buildFolder: URL = {
  #if os(Linux)
    return URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
  #else
    let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") } ?? Bundle.main
    return bundle.bundleURL.deletingLastPathComponent()
  #endif
}()
