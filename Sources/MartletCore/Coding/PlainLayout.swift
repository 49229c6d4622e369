// Unsafe code. Invariant: `value` reads only within `size` bytes, which it has checked to be there.

/// How a value without references lies in memory, as far as its type's name tells.
package indirect enum PlainLayout: Equatable, Sendable {
  case integer(size: Int, isSigned: Bool)
  case double
  case float
  case bool
  /// A value of another type, and behind it a byte that is 0 if there is one.
  case optional(PlainLayout)
  /// A tuple, or a structure that is nothing but these fields.
  case tuple([Field], size: Int, alignment: Int)
  /// A type of which only this is known.
  case unknown(size: Int, alignment: Int)

  package struct Field: Equatable, Sendable {
    var name: String?
    var offset: Int
    var layout: PlainLayout
  }

  /// Of a codec's form, behind `raw`: the name of the type, its size and its alignment.
  init?(form: Substring) {
    guard let space = form.lastIndex(of: " ") else { return nil }
    let numbers = form[form.index(after: space)...].split(separator: "/").compactMap { Int($0) }
    guard numbers.count == 2, numbers[0] >= 0, numbers[1] > 0 else { return nil }
    let (size, alignment) = (numbers[0], numbers[1])
    if let known = PlainLayout(type: form[..<space], depth: 0), known.size == size, known.alignment == alignment {
      self = known
    } else {
      self = .unknown(size: size, alignment: alignment)
    }
  }

  private init?(type: Substring, depth: Int) {
    guard depth < 64 else { return nil }
    if let known = Self.known[String(type)] {
      self = known
    } else if let wrapped = type.argument(of: "Swift.Optional") {
      // A type that has values to spare says `nil` with one of them, and not with a byte of its own.
      guard let layout = PlainLayout(type: wrapped, depth: depth + 1), !layout.hasSpareValues else { return nil }
      self = .optional(layout)
    } else if let parts = type.argument(of: "MartletCore.Pair")?.split(atTopLevel: ",") {
      let layouts = parts.compactMap { PlainLayout(type: $0, depth: depth + 1) }
      guard parts.count == 2, layouts.count == 2 else { return nil }
      self = .fields(layouts.map { (nil, $0) })
    } else if type.first == "(", type.last == ")" {
      let parts = type.dropFirst().dropLast().split(atTopLevel: ",")
      var fields: [(String?, PlainLayout)] = []
      for part in parts {
        let label = part.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        let isLabelled = part.dropFirst(label.count).hasPrefix(": ")
        let type = isLabelled ? part.dropFirst(label.count + 2) : part
        guard let layout = PlainLayout(type: type, depth: depth + 1) else { return nil }
        fields.append((isLabelled ? String(label) : nil, layout))
      }
      self = .fields(fields)
    } else {
      return nil
    }
  }

  private static let known: [String: PlainLayout] = {
    var known: [String: PlainLayout] = ["Swift.Double": .double, "Swift.Float": .float, "Swift.Bool": .bool]
    for bits in [8, 16, 32, 64] {
      known["Swift.Int\(bits)"] = .integer(size: bits / 8, isSigned: true)
      known["Swift.UInt\(bits)"] = .integer(size: bits / 8, isSigned: false)
    }
    known["Swift.Int"] = .integer(size: MemoryLayout<Int>.size, isSigned: true)
    known["Swift.UInt"] = .integer(size: MemoryLayout<Int>.size, isSigned: false)
    known["MartletStreaming.Time"] = .integer(size: 8, isSigned: true)
    return known
  }()

  /// Fields one behind the other, each where its alignment allows.
  static func fields(_ fields: [(name: String?, layout: PlainLayout)]) -> PlainLayout {
    var placed: [Field] = []
    var end = 0
    var alignment = 1
    for (name, layout) in fields {
      let offset = (end + layout.alignment - 1) / layout.alignment * layout.alignment
      placed.append(Field(name: name, offset: offset, layout: layout))
      end = offset + layout.size
      alignment = max(alignment, layout.alignment)
    }
    return .tuple(placed, size: end, alignment: alignment)
  }

  package var size: Int {
    switch self {
    case .integer(let size, _): size
    case .double: 8
    case .float: 4
    case .bool: 1
    case .optional(let layout): layout.size + 1
    case .tuple(_, let size, _), .unknown(let size, _): size
    }
  }

  var alignment: Int {
    switch self {
    case .integer(let size, _): size
    case .double: 8
    case .float: 4
    case .bool: 1
    case .optional(let layout): layout.alignment
    case .tuple(_, _, let alignment), .unknown(_, let alignment): alignment
    }
  }

  private var hasSpareValues: Bool {
    switch self {
    case .integer, .double, .float: false
    case .bool, .optional, .unknown: true
    case .tuple(let fields, _, _): fields.contains { $0.layout.hasSpareValues }
    }
  }

  package var isReadable: Bool {
    switch self {
    case .integer, .double, .float, .bool: true
    case .optional(let layout): layout.isReadable
    case .tuple(let fields, _, _): fields.allSatisfy(\.layout.isReadable)
    case .unknown: false
    }
  }

  /// The value that these bytes are.
  func value(_ bytes: UnsafeRawBufferPointer) -> DynamicValue {
    guard bytes.count >= size else { return .bytes(Array(bytes)) }
    switch self {
    case .integer(let size, let isSigned):
      var number: UInt64 = 0
      for i in 0..<size { number |= UInt64(bytes[i]) << UInt64(8 * i) }
      let unused = UInt64(64 - 8 * size)
      return isSigned ? .signed(Int64(bitPattern: number << unused) >> Int64(unused)) : .unsigned(number)
    case .double: return .double(bytes.loadUnaligned(as: Double.self))
    case .float:
      let value = bytes.loadUnaligned(as: Float.self)
      return .double(Double("\(value)") ?? Double(value))
    case .bool: return .bool(bytes[0] != 0)
    case .optional(let layout): return bytes[layout.size] == 0 ? layout.value(bytes) : .null
    case .tuple(let fields, _, _):
      let values = fields.map { field in
        field.layout.value(UnsafeRawBufferPointer(rebasing: bytes[field.offset..<field.offset + field.layout.size]))
      }
      guard !fields.isEmpty, fields.allSatisfy({ $0.name != nil }) else { return .array(values) }
      return .object(zip(fields, values).map { DynamicValue.Field($0.name ?? "", $1) })
    case .unknown(let size, _): return .bytes(Array(bytes.prefix(size)))
    }
  }
}

extension Substring {
  /// What is between the angle brackets behind `name`.
  fileprivate func argument(of name: String) -> Substring? {
    hasPrefix(name + "<") && last == ">" ? dropFirst(name.count + 1).dropLast() : nil
  }
}
