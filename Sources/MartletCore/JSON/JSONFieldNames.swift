/// The rules by which the names of fields in JSON become the names of properties.
enum JSONFieldNames {
  static func converted(_ name: String, _ rule: JSONRecordDecoder.Keys) -> String {
    switch rule {
    case .useDefaultKeys: name
    case .convertFromSnakeCase: camelCase(name)
    }
  }

  /// The name in camel case, as Foundation's decoder converts it: `user_id` becomes `userId`. Underscores at the beginning
  /// and at the end remain.
  private static func camelCase(_ name: String) -> String {
    guard name.utf8.contains(UInt8(ascii: "_")), let first = name.firstIndex(where: { $0 != "_" }),
      let last = name.lastIndex(where: { $0 != "_" })
    else { return name }
    let words = name[first...last].split(separator: "_")
    guard words.count > 1 else { return name }
    let capitalized = words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst().lowercased() }
    return name[..<first] + words[0].lowercased() + capitalized.joined() + name[name.index(after: last)...]
  }
}

/// The names of fields after their conversion. It is the same for every record, so that each is converted once.
struct JSONConvertedNames {
  private var names: [Text: String] = [:]
  private static let limit = 1000

  mutating func name(_ key: Text, _ rule: JSONRecordDecoder.Keys) -> String {
    if let name = names[key] { return name }
    let name = JSONFieldNames.converted(String(key), rule)
    // Names that are data do not end.
    if names.count >= Self.limit { names = [:] }
    names[key.compacted()] = name
    return name
  }
}
