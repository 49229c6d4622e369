import MartletCore
import MartletRDD

extension DStream {
  /// Prints the first elements of every batch to standard output, below the time of the batch.
  ///
  /// - Parameter count: the maximum number of elements, none if it is negative; `...` stands for the others.
  public func pprint(_ count: Int = 10, file: StaticString = #fileID, line: UInt = #line) {
    printed(count, OperatorSite("pprint", file, line), writeToStandardOutput)
  }

  /// The same as `pprint`, with its name in Spark's Scala and Java APIs.
  public func print(_ count: Int = 10, file: StaticString = #fileID, line: UInt = #line) {
    printed(count, OperatorSite("print", file, line), writeToStandardOutput)
  }

  /// Passes the lines that `pprint` would print to `write`, once per batch.
  public func pprint(
    _ count: Int = 10, to write: @escaping @Sendable (String) throws -> Void, file: StaticString = #fileID,
    line: UInt = #line
  ) {
    printed(count, OperatorSite("pprint", file, line), write)
  }

  private func printed(_ count: Int, _ site: OperatorSite, _ write: @escaping @Sendable (String) throws -> Void) {
    let count = max(0, min(count, .max - 1))
    output(site) { rdd, time in
      let first = try rdd.take(count + 1)
      let rule = String(repeating: "-", count: 43)
      var page = "\(rule)\nTime: \(time.localDescription)\n\(rule)\n"
      for element in first.prefix(count) { page += "\(element)\n" }
      if first.count > count { page += "...\n" }
      page += "\n"
      try write(page)
    }
  }
}
