/// The values of the parameters of SQL text: `:name` or `?`.
struct SQLParameters {
  let named: [String: Literal]
  let positional: [Literal]
  private var usedNames: Set<String> = []
  private var usedCount = 0

  init(named: [String: Literal] = [:], positional: [Literal] = []) {
    self.named = named
    self.positional = positional
  }

  /// The value of a parameter by its name.
  mutating func value(named name: String) throws(SQLParameterError) -> Literal {
    guard let value = named[name] else {
      throw SQLParameterError(
        positional.isEmpty
          ? "the parameter :\(name) has no value" : "the parameter :\(name) has a name, but the values have none")
    }
    usedNames.insert(name)
    return value
  }

  /// The value of the next parameter `?`.
  mutating func nextValue() throws(SQLParameterError) -> Literal {
    guard usedCount < positional.count else {
      throw SQLParameterError(
        named.isEmpty
          ? "the parameter ? number \(usedCount + 1) has no value" : "the parameter ? has no name, but the values have")
    }
    usedCount += 1
    return positional[usedCount - 1]
  }

  /// Throws an error if the text has no parameter for one of the values.
  func checkAllUsed(in source: [UInt8]) throws {
    let unused = named.keys.filter { !usedNames.contains($0) }.sorted().map { ":\($0)" }
    if !unused.isEmpty {
      throw SQLSyntaxError("the text does not use \(unused.joined(separator: ", "))", in: source, at: 0)
    }
    if usedCount < positional.count {
      throw SQLSyntaxError(
        "the text has \(usedCount) parameters, but there are \(positional.count) values", in: source, at: 0)
    }
  }
}

/// A parameter without a value.
struct SQLParameterError: Error {
  let message: String

  init(_ message: String) { self.message = message }
}
