/// A description of the memory of values without references, so that it is not read as something else after the type
/// has changed.
struct PlainDescription {
  /// The program's structures and enumerations within the type, each with its fields or cases.
  private var parts: [String] = []
  /// True if everything within the type could be described.
  private(set) var isComplete = true
  private var seen: Set<ObjectIdentifier> = []

  /// The description of a type that cannot be described.
  private static let unknown = "{?}"

  init(of type: Any.Type) { add(type) }

  /// Empty if the name of the type is sufficient.
  var text: String { parts.isEmpty ? "" : " [\(parts.joined(separator: "; "))]" }

  /// Returns true if a codec with this form may read data of another build of the program.
  static func isComplete(form: String) -> Bool { !form.contains(unknown) }

  private mutating func add(_ type: Any.Type) {
    guard seen.insert(ObjectIdentifier(type)).inserted else { return }
    if let optional = type as? any WrappingType.Type { return add(optional.wrappedType) }
    func structure<Value>(_ type: Value.Type) -> TypeStructure { TypeStructure(type) }
    let name = typeName(type)
    let isOurs = !Self.libraries.contains { name.hasPrefix($0 + ".") }
    switch _openExistential(type, do: structure) {
    case .fields(let fields):
      if isOurs && !name.hasPrefix("(") {
        parts.append("\(name){\(fields.map { "\($0.name): \(typeName($0.type))" }.joined(separator: ", "))}")
      }
      for field in fields { add(field.type) }
    case .cases(let names): if isOurs { parts.append("\(name){\(names.map { "." + $0 }.joined(separator: ", "))}") }
    case .builtin: break
    case .unknown:
      guard isOurs else { break }
      parts.append(name + Self.unknown)
      isComplete = false
    }
  }

  /// Libraries whose types do not change under their names.
  private static let libraries = [
    "Swift", "Foundation", "FoundationEssentials", "Builtin", "MartletCore", "MartletRDD", "MartletStreaming",
  ]
}

/// `Optional`, for any wrapped type.
private protocol WrappingType {
  static var wrappedType: Any.Type { get }
}

extension Optional: WrappingType {
  static var wrappedType: Any.Type { Wrapped.self }
}
