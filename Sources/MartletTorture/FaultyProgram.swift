import Foundation

#if canImport(Darwin)
  import Darwin
#endif

/// A program that runs as a process of its own, with a library that numbers, records and disturbs its calls on files.
///
/// ```swift
/// let program = FaultyProgram("my-program", ["FOLDER/checkpoint", "FOLDER/out"])
/// let run = try await program.run(in: folder, [.fail(.of(.write), errno: ENOSPC)])
/// #expect(run.ending == .exited(1))
/// ```
///
/// The library is `libMartletFaults.so`, the product `MartletFaults` of this package: the program that uses
/// `FaultyProgram` has to depend on that product, so that both are built into one folder. It works on Linux alone.
public struct FaultyProgram: Sendable {
  /// The name of an executable in the folder of this program, where SwiftPM puts all that it builds, or a path.
  public var name: String
  /// Its arguments. `FOLDER` in them stands for the folder whose calls are counted.
  public var arguments: [String]
  /// The lines of its standard input.
  public var input: [String]
  /// Variables that are added to the environment of this process.
  public var environment: [String: String]

  /// Creates a description of a program; nothing runs yet.
  public init(
    _ name: String, _ arguments: [String] = [], input: [String] = [], environment: [String: String] = [:]
  ) {
    self.name = name
    self.arguments = arguments
    self.input = input
    self.environment = environment
  }

  /// The reason why the library cannot be used on this system, if any. On Linux it can: a missing library fails the
  /// tests.
  public static let unavailable: String? = {
    #if os(Linux)
      return nil
    #else
      return "LD_PRELOAD, which replaces calls of the C library, works only on Linux"
    #endif
  }()

  /// True if the library can be used on this system.
  public static var isAvailable: Bool { unavailable == nil }

  /// Starts the program; `Running.end` waits for it.
  ///
  /// - Parameter folder: the calls below it are counted, recorded and disturbed. Its path must not go through symbolic
  ///   links.
  /// - Throws: `TortureError` if the program or the library is missing, or if faults are asked for where there is no library.
  public func start(in folder: String, _ faults: [Fault] = []) throws -> Running {
    let scratch = try TestFolder()
    var variables = environment
    if let reason = Self.unavailable {
      if !faults.isEmpty { throw TortureError(reason) }
    } else {
      variables["LD_PRELOAD"] = try preloadable(try built("libMartletFaults.so"), scratch: scratch.path)
      variables["MARTLET_FAULTS_ROOT"] = folder
      variables["MARTLET_FAULTS_TRACE"] = "\(scratch.path)/trace"
      variables["MARTLET_FAULTS_PLAN"] = faults.map(\.rule).joined(separator: ";")
    }
    let process = try ChildProcess(
      try built(name), arguments.map { $0.replacingOccurrences(of: "FOLDER", with: folder) }, environment: variables,
      scratch: scratch.path)
    for line in input { process.send(line) }
    return Running(process: process, scratch: scratch)
  }

  /// Runs the program to its end.
  public func run(in folder: String, _ faults: [Fault] = [], seconds: Double = 300) async throws -> Run {
    try await start(in: folder, faults).end(seconds: seconds)
  }

  /// A program that has been started.
  public struct Running: Sendable {
    public let process: ChildProcess
    let scratch: TestFolder

    /// Ends the program's input and waits; kills the program if it takes longer than `seconds`.
    public func end(seconds: Double = 300) async throws -> Run {
      process.closeInput()
      let ending = try await process.end(seconds: seconds)
      var trace = FaultyProgram.isAvailable ? try? readFile("\(scratch.path)/trace") : []
      // A process may have been killed before the library was loaded.
      if case .killed = ending, trace == nil { trace = [] }
      guard let trace else { throw TortureError("The program ran without the library.\n\(process.errors)") }
      return Run(
        ending: ending, output: process.output, errors: process.errors, trace: try Trace(trace))
    }
  }

  /// The result of a program that has ended.
  public struct Run: Sendable {
    public var ending: ChildProcess.Ending
    /// Everything that it wrote to standard output, and to standard error.
    public var output: String
    public var errors: String
    /// Its calls on files of the folder.
    public var trace: Trace

    /// The lines on standard output.
    public var lines: [Substring] { output.split(separator: "\n") }
  }
}

/// A path of `library` that can be written in LD_PRELOAD, where spaces and colons stand between paths: if it has any, that
/// of a link in `scratch`.
package func preloadable(_ library: String, scratch: String) throws -> String {
  func separates(_ character: Character) -> Bool { character == ":" || character.isWhitespace }
  guard library.contains(where: separates) else { return library }
  let link = "\(scratch)/libMartletFaults.so"
  guard !link.contains(where: separates) else {
    throw TortureError(
      "LD_PRELOAD allows no spaces and colons in '\(library)' or in '\(scratch)'. Move the package, or set TMPDIR.")
  }
  try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: library)
  return link
}

/// The path of an executable or library in the folder into which the package was built; a path with a slash stands for itself.
package func built(_ name: String) throws -> String {
  let path = name.contains("/") ? name : buildFolder.appendingPathComponent(name).path
  guard FileManager.default.fileExists(atPath: path) else {
    throw TortureError(
      """
      '\(path)' is missing. Build the whole package with swift build --build-tests, and let the target that uses \
      MartletTorture depend on the product MartletFaults too.
      """)
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
