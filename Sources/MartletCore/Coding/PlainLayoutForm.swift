// Parses a layout from the form of a codec.

extension PlainLayout {
  /// Parses the part of a codec's form after `raw`: the name of the type, the contents of its structures and
  /// enumerations, its size and its alignment.
  init?(form: Substring) {
    guard let space = form.lastIndex(of: " ") else { return nil }
    let numbers = form[form.index(after: space)...].split(separator: "/").compactMap { Int($0) }
    guard numbers.count == 2, numbers[0] >= 0, numbers[1] > 0 else { return nil }
    let (size, alignment) = (numbers[0], numbers[1])
    var types = DescribedTypes(form[..<space])
    // A layout combined from its parts must have the size that the program has found for the whole.
    if let known = types.layout(of: types.outermost, depth: 0), known.size == size, known.alignment == alignment {
      self = known
    } else {
      self = .unknown(size: size, alignment: alignment)
    }
  }
}

/// The name of a type, and the descriptions that `PlainDescription` gives for the types within it.
private struct DescribedTypes {
  let outermost: Substring
  /// The text between the braces that follow the name of a type.
  private var contents: [Substring: Substring] = [:]
  /// The maximum number of types to look at: a short form may stand for very many.
  private var left = 10_000

  init(_ text: Substring) {
    guard let opening = text.firstRange(of: " ["), text.last == "]" else {
      outermost = text
      return
    }
    outermost = text[..<opening.lowerBound]
    var ambiguous: Set<Substring> = []
    for part in text[opening.upperBound...].dropLast().split(atTopLevel: ";") {
      guard let brace = part.firstIndex(of: "{"), part.last == "}" else { continue }
      let name = part[..<brace]
      let content = part[part.index(after: brace)...].dropLast()
      // Private types in different places may have the same name.
      if contents.updateValue(content, forKey: name).map({ $0 != content }) == true { ambiguous.insert(name) }
    }
    for name in ambiguous { contents[name] = nil }
  }

  /// Returns `nil` if the layout is unknown.
  mutating func layout(of type: Substring, depth: Int) -> PlainLayout? {
    left -= 1
    guard depth < 64, left > 0 else { return nil }
    if let known = PlainLayout.known[String(type)] { return known }
    if let content = contents[type] {
      let parts = content.isEmpty ? [] : content.split(atTopLevel: ",")
      if parts.first?.first == "." { return enumeration(parts) }
      return fields(parts, areNamed: true, depth)
    }
    if let wrapped = type.argument(of: "Swift.Optional") { return layout(of: wrapped, depth: depth + 1)?.wrapped }
    if let parts = type.argument(of: "MartletCore.Pair")?.split(atTopLevel: ","), parts.count == 2 {
      return fields(parts, areNamed: false, depth)
    }
    for range in ["Swift.Range", "Swift.ClosedRange"] {
      guard let bound = type.argument(of: range), let layout = layout(of: bound, depth: depth + 1) else { continue }
      return .fields([("lowerBound", layout), ("upperBound", layout)])
    }
    guard type.first == "(", type.last == ")" else { return nil }
    return fields(type.dropFirst().dropLast().split(atTopLevel: ","), areNamed: false, depth)
  }

  private func enumeration(_ cases: [Substring]) -> PlainLayout? {
    guard cases.allSatisfy({ $0.first == "." }) else { return nil }
    let size = cases.count <= 1 ? 0 : cases.count <= 1 << 8 ? 1 : cases.count <= 1 << 16 ? 2 : 4
    return .enumeration(cases.map { String($0.dropFirst()) }, size: size)
  }

  /// - Parameter areNamed: true if each of the fields must have a name.
  private mutating func fields(_ parts: [Substring], areNamed: Bool, _ depth: Int) -> PlainLayout? {
    var fields: [(String?, PlainLayout)] = []
    for part in parts {
      let label = part.prefix { $0.isLetter || $0.isNumber || "_$".contains($0) }
      let isLabelled = part.dropFirst(label.count).hasPrefix(": ")
      let type = isLabelled ? part.dropFirst(label.count + 2) : part
      guard isLabelled || !areNamed, let layout = layout(of: type, depth: depth + 1) else { return nil }
      fields.append((isLabelled ? String(label) : nil, layout))
    }
    return .fields(fields)
  }
}

extension Substring {
  /// The text between the angle brackets that follow `name`.
  fileprivate func argument(of name: String) -> Substring? {
    hasPrefix(name + "<") && last == ">" ? dropFirst(name.count + 1).dropLast() : nil
  }
}
