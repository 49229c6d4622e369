/// The full name of a type, the same in every process.
///
/// Swift identifies the context of a private or local type by an address, which changes with every start.
package func typeName(_ type: Any.Type) -> String {
  let name = String(reflecting: type)
  var result = ""
  var rest = Substring(name)
  while let context = rest.firstRange(of: "(unknown context at $"),
    let end = rest[context.upperBound...].firstIndex(of: ")")
  {
    result += rest[..<context.lowerBound] + "(private)"
    rest = rest[rest.index(after: end)...]
  }
  return result + rest
}
