import Foundation

#if canImport(Darwin)
  import Darwin
#endif

/// A program of this package, run with the library that disturbs its calls on files.
///
/// ```swift
/// let program = FaultyProgram("fault-subject", ["save", "FOLDER/out"])
/// let run = try await program.run(in: folder, [.fail(.of(.write), errno: ENOSPC)])
/// ```
package struct FaultyProgram: Sendable {
  package var name: String
  package var arguments: [String]
  /// The lines of its standard input.
  package var input: [String]
  package var environment: [String: String]

  /// - Parameter arguments: `FOLDER` in them is replaced with the folder whose calls are counted.
  package init(
    _ name: String, _ arguments: [String] = [], input: [String] = [], environment: [String: String] = [:]
  ) {
    self.name = name
    self.arguments = arguments
    self.input = input
    self.environment = environment
  }

  /// The reason why the library cannot be used on this system, if any. On Linux it can: a missing library fails the
  /// tests.
  package static let unavailable: String? = {
    #if os(Linux)
      return nil
    #else
      return "LD_PRELOAD, which replaces calls of the C library, works only on Linux"
    #endif
  }()

  /// True if the library can be used on this system.
  package static var isAvailable: Bool { unavailable == nil }

  /// Starts the program; `Running.end` waits for it.
  ///
  /// - Parameter folder: the calls below it are counted, recorded and disturbed.
  package func start(in folder: String, _ faults: [Fault] = []) throws -> Running {
    if let reason = Self.unavailable { throw HarnessError(reason) }
    let scratch = try TestFolder()
    let library = try built("libMartletFaults.so")
    var variables = environment
    variables["LD_PRELOAD"] = library
    variables["MARTLET_FAULTS_ROOT"] = folder
    variables["MARTLET_FAULTS_TRACE"] = "\(scratch.path)/trace"
    variables["MARTLET_FAULTS_PLAN"] = faults.map(\.rule).joined(separator: ";")
    let process = try ChildProcess(
      try built(name), arguments.map { $0.replacingOccurrences(of: "FOLDER", with: folder) }, environment: variables,
      scratch: scratch.path)
    for line in input { process.send(line) }
    return Running(process: process, scratch: scratch)
  }

  /// Runs the program to its end.
  package func run(in folder: String, _ faults: [Fault] = [], seconds: Double = 300) async throws -> Run {
    try await start(in: folder, faults).end(seconds: seconds)
  }

  /// A program that has been started.
  package struct Running: Sendable {
    package let process: ChildProcess
    let scratch: TestFolder

    /// Ends the program's input and waits; kills the program if it takes longer than `seconds`.
    package func end(seconds: Double = 300) async throws -> Run {
      process.closeInput()
      let ending = try await process.end(seconds: seconds)
      let trace = try? readFile("\(scratch.path)/trace")
      guard let trace else { throw HarnessError("The program ran without the library.\n\(process.errors)") }
      return Run(
        ending: ending, output: process.output, errors: process.errors, trace: try Trace(trace))
    }
  }

  /// The result of running a program.
  package struct Run: Sendable {
    package var ending: ChildProcess.Ending
    package var output: String
    package var errors: String
    package var trace: Trace

    /// The lines on standard output.
    package var lines: [Substring] { output.split(separator: "\n") }
  }
}

/// The path of a product that was built with the package.
package func built(_ name: String) throws -> String {
  let path = buildFolder.appendingPathComponent(name).path
  guard FileManager.default.fileExists(atPath: path) else {
    throw HarnessError("'\(path)' is missing. Build the whole package: swift build --build-tests.")
  }
  return path
}

/// The folder into which the package was built: the folder of the test program itself.
private let buildFolder: URL = {
  #if os(Linux)
    return URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
  #else
    let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") } ?? Bundle.main
    return bundle.bundleURL.deletingLastPathComponent()
  #endif
}()
