import ArgumentParser
import Measuring

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The feeder's address, which `peers/net/with-feeder` puts into the environment.
struct Feeder: ParsableArguments {
  @Option(help: "The feeder's port (default: $FEEDER_PORT).") var port: Int?
  @Option(help: "The file with the feeder's start time (default: $FEEDER_BEGAN).") var began: String?

  func requiredPort() throws -> Int {
    guard let port = port ?? environment("FEEDER_PORT").flatMap({ Int($0) }) else {
      throw ValidationError("There is no feeder: give --port, or run this under peers/net/with-feeder.")
    }
    return port
  }

  /// Microseconds since 1970.
  func beganAt() throws -> Int {
    guard let path = began ?? environment("FEEDER_BEGAN") else {
      throw ValidationError(
        "The feeder's start time is unknown: give --began, or run this under peers/net/with-feeder.")
    }
    return try number(inFile: path)
  }

  private func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
