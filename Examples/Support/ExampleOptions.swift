#if canImport(Glibc)
  @preconcurrency import Glibc
#elseif canImport(Musl)
  @preconcurrency import Musl
#elseif canImport(Darwin)
  @preconcurrency import Darwin
#endif

import Martlet

/// The command line of an example: positional arguments, and the options that all examples share.
public struct ExampleOptions: Sendable {
  /// The arguments that are not options, in order.
  public let arguments: [String]
  private let values: [String: String]
  private let flags: Set<String>

  private static let shared = ["--batch-interval-ms", "--master", "--run-for-seconds"]
  private static let sharedUsage = """
      --batch-interval-ms N   milliseconds between two batches
      --master MASTER         threads to run on: local[N], or local[*] for one per processor
      --run-for-seconds N     stop after so many seconds; otherwise Ctrl-C does
    """

  /// Reads the command line of the process. Prints `usage` and ends the process on request, or if the command line is
  /// invalid.
  ///
  /// - Parameters:
  ///   - usage: the first line shows a call, with all arguments before the options; the others the example's own
  ///     options.
  ///   - options: names of options with a value, such as `--output`.
  ///   - flags: names of options without a value, such as `--demo`.
  public init(_ usage: String, options: [String] = [], flags: [String] = []) {
    // A reader at the other end of a pipe wants to see each line at once.
    setvbuf(stdout, nil, Int32(_IOLBF), 0)
    let help = "Usage: \(usage)\n\(Self.sharedUsage)"
    let given = Array(CommandLine.arguments.dropFirst())
    if given.contains("--help") || given.contains("-h") {
      print(help)
      exit(0)
    }
    do {
      let call = usage.split(separator: "\n", maxSplits: 1)[0].split(separator: " ").dropFirst()
      let names = call.prefix { !$0.hasPrefix("--") }.map(String.init)
      self = try ExampleOptions(parsing: given, arguments: names, options: options, flags: flags)
    } catch {
      writeToStandardError("\(error)\n\(help)\n")
      exit(2)
    }
  }

  /// Sorts `given` into arguments, options and flags.
  ///
  /// - Throws: `UsageError` that names an invalid part of the command line.
  public init(parsing given: [String], arguments names: [String], options: [String] = [], flags: [String] = []) throws {
    var arguments: [String] = []
    var values: [String: String] = [:]
    var seen: Set<String> = []
    var rest = given[...]
    while let next = rest.popFirst() {
      if flags.contains(next) {
        seen.insert(next)
      } else if options.contains(next) || Self.shared.contains(next) {
        guard let value = rest.popFirst() else { throw UsageError("The option \(next) needs a value.") }
        values[next] = value
      } else if next.hasPrefix("--") {
        throw UsageError("Unknown option \(next).")
      } else if arguments.count < names.count {
        arguments.append(next)
      } else {
        let known = names.isEmpty ? "This program takes only options." : "It takes \(names.joined(separator: " "))."
        throw UsageError("Unexpected argument '\(next)'. \(known)")
      }
    }
    // A year of milliseconds, and a hundred years of seconds.
    for (name, limit) in [("--batch-interval-ms", 31_536_000_000), ("--run-for-seconds", 3_153_600_000)] {
      guard let value = values[name] else { continue }
      guard let number = Int(value), (1...limit).contains(number) else {
        throw UsageError("\(name) is '\(value)'; it must be a whole number from 1 to \(limit).")
      }
    }
    self.arguments = arguments
    self.values = values
    self.flags = seen
  }

  /// The value of an option, if it was given.
  public func value(_ name: String) -> String? { values[name] }

  /// Returns true if a flag was given.
  public func has(_ name: String) -> Bool { flags.contains(name) }

  /// The master; `local[2]` leaves one thread to a receiver and one to the batches.
  public func master(default master: String = "local[2]") -> String { values["--master"] ?? master }

  /// The batch interval; one second if none was given.
  public var batchInterval: Duration { number("--batch-interval-ms").map { .milliseconds($0) } ?? .seconds(1) }

  /// The duration of the run; without it, the example runs until it is stopped.
  public var duration: Duration? { number("--run-for-seconds").map { .seconds($0) } }

  private func number(_ name: String) -> Int? { values[name].flatMap { Int($0) } }

  /// The value of an option as a whole number, `nil` if it was not given. A value that is not a whole number from 1 to
  /// 1,000,000,000 ends the process with an explanation.
  public func count(_ name: String) -> Int? {
    guard let value = values[name] else { return nil }
    guard let number = Int(value), (1...1_000_000_000).contains(number) else {
      writeToStandardError("\(name) is '\(value)'; it must be a whole number from 1 to 1000000000.\n")
      exit(2)
    }
    return number
  }

  /// The argument at `index`. If it is missing, the process ends with an explanation.
  public func argument(_ index: Int, _ name: String) -> String {
    guard index < arguments.count else {
      writeToStandardError("\(name) is missing; --help shows how to call this program.\n")
      exit(2)
    }
    return arguments[index]
  }

  /// The value of a required option. If it is missing, the process ends with an explanation.
  public func required(_ name: String) -> String {
    guard let value = values[name] else {
      writeToStandardError("\(name) is missing; --help shows how to call this program.\n")
      exit(2)
    }
    return value
  }

  /// The argument at `index` as a port. If it is not a port, the process ends with an explanation.
  public func port(_ index: Int) -> Int {
    let text = argument(index, "PORT")
    guard let port = Int(text), (1...65535).contains(port) else {
      writeToStandardError("'\(text)' is not a port; ports go from 1 to 65535.\n")
      exit(2)
    }
    return port
  }
}

/// An error in a command line.
public struct UsageError: Error, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}
