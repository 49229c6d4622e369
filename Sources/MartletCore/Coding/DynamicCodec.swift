/// Reads the data of an `ElementCodec`, knowing only the codec's `form`.
package indirect enum DynamicCodec: Equatable, Sendable {
  case string
  case plain(PlainLayout)
  case codable
  case optional(DynamicCodec)
  case array(DynamicCodec)
  case fields([DynamicCodec])

  /// Returns `nil` for a form that this release does not know.
  package init?(form: String) { self.init(Substring(form), depth: 0) }

  private init?(_ form: Substring, depth: Int) {
    guard depth < 64 else { return nil }
    if form == "text" || form == "string" {
      self = .string
    } else if form.hasPrefix("codable ") {
      self = .codable
    } else if form.hasPrefix("raw ") {
      guard let layout = PlainLayout(form: form.dropFirst(4)) else { return nil }
      self = .plain(layout)
    } else if let open = form.firstIndex(of: "("), form.last == ")" {
      let parts = form[form.index(after: open)...].dropLast().split(atTopLevel: ",")
      let codecs = parts.compactMap { Self($0, depth: depth + 1) }
      guard codecs.count == parts.count else { return nil }
      switch form[..<open] {
      case "tuple", "pair": self = .fields(codecs)
      case "optional" where codecs.count == 1: self = .optional(codecs[0])
      case "array" where codecs.count == 1: self = .array(codecs[0])
      default: return nil
      }
    } else {
      return nil
    }
  }

  /// The codec of `ElementCodec.pair`: two plain parts form one plain whole.
  package static func pair(_ first: DynamicCodec, _ second: DynamicCodec) -> DynamicCodec {
    if case .plain(let a) = first, case .plain(let b) = second { return .plain(.fields([(nil, a), (nil, b)])) }
    return .fields([first, second])
  }

  /// True if values can be decoded, and are not returned as bytes.
  package var isReadable: Bool {
    switch self {
    case .string, .codable: true
    case .plain(let layout): layout.isReadable
    case .optional(let codec), .array(let codec): codec.isReadable
    case .fields(let codecs): codecs.allSatisfy(\.isReadable)
    }
  }

  /// The next `count` values, as written by one call of `ElementCodec.encode`.
  package func read(_ count: Int, _ bytes: inout ByteReader) throws -> [DynamicValue] {
    switch self {
    case .string:
      let (lengths, _) = try readLengths(count, &bytes)
      return try lengths.map { length in
        guard let string = String(validating: try bytes.take(length), as: UTF8.self) else {
          throw ByteReader.Malformed(reason: "a text in it is not UTF-8")
        }
        return .string(string)
      }
    case .plain(let layout):
      try expectRoom(count, layout.size, bytes)
      return try (0..<count).map { _ in layout.value(try bytes.take(layout.size)) }
    case .codable:
      var names: [String] = []
      for _ in 0..<(try bytes.count()) { names.append(try bytes.string()) }
      try expectRoom(count, 1, bytes)
      return try (0..<count).map { _ in
        DynamicValue(try BinaryNode(from: &bytes, keyCount: names.count), names)
      }
    case .optional(let codec):
      let marks = Array(try bytes.take(count))
      let present = marks.reduce(0) { $0 + ($1 == 0 ? 0 : 1) }
      var values = try codec.readInner(present, &bytes).makeIterator()
      return marks.map { $0 == 0 ? .null : values.next() ?? .null }
    case .array(let codec):
      let counts = try readCounts(count, itemSize: 1, &bytes)
      var values = try codec.readInner(counts.reduce(0, +), &bytes)[...]
      return counts.map { count in
        defer { values = values.dropFirst(count) }
        return .array(Array(values.prefix(count)))
      }
    case .fields(let codecs):
      let columns = try codecs.map { try $0.read(count, &bytes) }
      return (0..<count).map { row in .array(columns.map { $0[row] }) }
    }
  }

  /// An empty run has no bytes, not even its beginning.
  private func readInner(_ count: Int, _ bytes: inout ByteReader) throws -> [DynamicValue] {
    count > 0 ? try read(count, &bytes) : []
  }

  private func expectRoom(_ count: Int, _ size: Int, _ bytes: ByteReader) throws {
    let (total, overflow) = max(1, size).multipliedReportingOverflow(by: count)
    guard !overflow, total <= bytes.left else { throw ByteReader.Malformed(reason: "a count in it is too large") }
  }
}

extension DynamicValue {
  init(_ node: BinaryNode, _ keys: [String]) {
    switch node {
    case .null: self = .null
    case .bool(let value): self = .bool(value)
    case .signed(let value): self = .signed(value)
    case .unsigned(let value): self = .unsigned(value)
    case .double(let value): self = .double(value)
    // The shortest digits of this number, not those of the nearest double.
    case .float(let value): self = .double(Double("\(value)") ?? Double(value))
    case .string(let value): self = .string(value)
    case .keyed(let fields): self = .object(fields.map { Field(keys[$0.key], DynamicValue($0.node, keys)) })
    case .unkeyed(let nodes): self = .array(nodes.map { DynamicValue($0, keys) })
    }
  }
}

extension Substring {
  /// The parts between separators outside of brackets, without surrounding spaces.
  func split(atTopLevel separator: Character) -> [Substring] {
    var parts: [Substring] = []
    var depth = 0
    var start = startIndex
    var last: Character?
    for index in indices {
      let character = self[index]
      if "(<{[".contains(character) { depth += 1 }
      // The arrow of a function type does not close a bracket.
      if ")}]".contains(character) || character == ">" && last != "-" { depth -= 1 }
      if character == separator && depth == 0 {
        parts.append(self[start..<index].trimmed)
        start = self.index(after: index)
      }
      last = character
    }
    parts.append(self[start...].trimmed)
    return parts
  }

  fileprivate var trimmed: Substring {
    var result = drop { $0 == " " }
    while result.last == " " { result.removeLast() }
    return result
  }
}
