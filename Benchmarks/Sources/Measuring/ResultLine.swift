#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Prints a line of `key=value` pairs, which `Benchmarks/run` reads, after the name of the measurement.
///
/// A key ends in its unit. The line is flushed, so that a waiting reader sees it at once.
public func printResult(_ name: String, _ pairs: KeyValuePairs<String, any CustomStringConvertible>) {
  print(name, joined(pairs))
  fflush(nil)
}

/// Prints a line of `key=value` pairs without a name.
public func printResult(_ pairs: KeyValuePairs<String, any CustomStringConvertible>) {
  print(joined(pairs))
  fflush(nil)
}

/// Prints the resources that the process has used so far: the last line of every measurement.
public func printProcess() {
  printResult(
    "process",
    [
      "cpu": Decimal(Readings.cpuSeconds, places: 3), "peak_mb": Decimal(Readings.peakMegabytes, places: 1),
    ])
}

private func joined(_ pairs: KeyValuePairs<String, any CustomStringConvertible>) -> String {
  pairs.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
}

/// A number rounded to a fixed number of decimals. Foundation's formatting would triple the start time of the process,
/// which is one of the things measured.
public struct Decimal: CustomStringConvertible {
  public let description: String

  /// - Parameter places: the number of decimals, at most 9.
  public init(_ number: Double, places: Int) {
    guard number.isFinite, number.magnitude < 1e9 else {
      description = "\(number)"
      return
    }
    let scale = (0..<places).reduce(1) { scale, _ in scale * 10 }
    let scaled = Int((number.magnitude * Double(scale)).rounded())
    let whole = "\(scaled / scale)"
    let fraction = String("\(scale + scaled % scale)".dropFirst())
    description = (number < 0 && scaled > 0 ? "-" : "") + (places == 0 ? whole : whole + "." + fraction)
  }
}
