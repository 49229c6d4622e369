#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

public import Martlet

extension StreamingContext {
  /// Runs an example until Ctrl-C, or for as long as its options say, and prints the number of records processed. An
  /// error is also printed, and ends the process with status 1.
  public func runExample(_ options: ExampleOptions) async {
    do {
      let report = try await run(for: options.duration)
      print("Processed \(report).")
    } catch {
      writeToStandardError("\(sparkContext.appName) failed: \(error)\n")
      exit(1)
    }
  }
}
