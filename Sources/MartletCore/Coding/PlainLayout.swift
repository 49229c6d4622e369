// Unsafe code. Invariant: `value` only reads within `size` bytes, which it has checked to exist.

/// The memory layout of a value without references, as far as the form of its codec describes it.
package indirect enum PlainLayout: Equatable, Sendable {
  case integer(size: Int, isSigned: Bool)
  case double
  case float
  case bool
  /// A value of another type, followed by a byte that is 0 if there is a value.
  case optional(PlainLayout)
  /// A value of another type with unused bit patterns, one of which stands for `nil`.
  case optionalBySpare(PlainLayout, SpareValues)
  /// The number of a case, from 0.
  case enumeration([String], size: Int)
  case uuid
  /// A tuple, or a structure that consists only of these fields.
  case tuple([Field], size: Int, alignment: Int)
  /// A type of which only the size and alignment are known.
  case unknown(size: Int, alignment: Int)

  package struct Field: Equatable, Sendable {
    var name: String?
    var offset: Int
    var layout: PlainLayout
  }

  /// Bit patterns that are not valid in a value of a type, or a part of it: one of them stands for `nil`.
  package struct SpareValues: Equatable, Sendable {
    var offset: Int
    var size: Int
    var first: UInt64
    var count: UInt64
  }

  /// Types that are known by name.
  static let known: [String: PlainLayout] = {
    var known: [String: PlainLayout] = ["Swift.Double": .double, "Swift.Float": .float, "Swift.Bool": .bool]
    for bits in [8, 16, 32, 64] {
      known["Swift.Int\(bits)"] = .integer(size: bits / 8, isSigned: true)
      known["Swift.UInt\(bits)"] = .integer(size: bits / 8, isSigned: false)
    }
    known["Swift.Int"] = .integer(size: MemoryLayout<Int>.size, isSigned: true)
    known["Swift.UInt"] = .integer(size: MemoryLayout<Int>.size, isSigned: false)
    known[String(reflecting: Time.self)] = .integer(size: 8, isSigned: true)
    for library in ["Foundation", "FoundationEssentials"] {
      known["\(library).Date"] = .double
      known["\(library).UUID"] = .uuid
    }
    return known
  }()

  /// Fields in order, each at the next address that its alignment allows.
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
    case .optionalBySpare(let layout, _): layout.size
    case .uuid: 16
    case .enumeration(_, let size), .tuple(_, let size, _), .unknown(let size, _): size
    }
  }

  var alignment: Int {
    switch self {
    case .integer(let size, _): size
    case .double: 8
    case .float: 4
    case .bool, .uuid: 1
    case .enumeration(_, let size): Swift.max(1, size)
    case .optional(let layout), .optionalBySpare(let layout, _): layout.alignment
    case .tuple(_, _, let alignment), .unknown(_, let alignment): alignment
    }
  }

  /// The optional of this layout.
  var wrapped: PlainLayout {
    guard let spare = spareValues, spare.count > 0 else { return .optional(self) }
    return .optionalBySpare(self, spare)
  }

  private var spareValues: SpareValues? {
    switch self {
    case .integer, .double, .float, .uuid, .optional, .unknown: return nil
    case .bool: return SpareValues(offset: 0, size: 1, first: 2, count: 254)
    case .enumeration(let names, let size):
      guard size > 0 else { return nil }
      return SpareValues(
        offset: 0, size: size, first: UInt64(names.count), count: (1 << UInt64(8 * size)) - UInt64(names.count))
    case .optionalBySpare(_, var spare):
      spare.first += 1
      spare.count -= 1
      return spare
    case .tuple(let fields, _, _):
      // Those of the field with the most, the first of several.
      var most: SpareValues?
      for field in fields {
        guard var spare = field.layout.spareValues, spare.count > most?.count ?? 0 else { continue }
        spare.offset += field.offset
        most = spare
      }
      return most
    }
  }

  package var isReadable: Bool {
    switch self {
    case .integer, .double, .float, .bool, .enumeration, .uuid: true
    case .optional(let layout), .optionalBySpare(let layout, _): layout.isReadable
    case .tuple(let fields, _, _): fields.allSatisfy(\.layout.isReadable)
    case .unknown: false
    }
  }

  /// The value of these bytes.
  func value(_ bytes: UnsafeRawBufferPointer) -> DynamicValue {
    guard bytes.count >= size else { return .bytes(Array(bytes)) }
    switch self {
    case .integer(let size, let isSigned):
      let number = number(bytes, 0, size)
      let unused = UInt64(64 - 8 * size)
      return isSigned ? .signed(Int64(bitPattern: number << unused) >> Int64(unused)) : .unsigned(number)
    case .double: return .double(bytes.loadUnaligned(as: Double.self))
    case .float:
      let value = bytes.loadUnaligned(as: Float.self)
      return .double(Double("\(value)") ?? Double(value))
    case .bool: return .bool(bytes[0] != 0)
    case .optional(let layout): return bytes[layout.size] == 0 ? layout.value(bytes) : .null
    case .optionalBySpare(let layout, let spare):
      return number(bytes, spare.offset, spare.size) == spare.first ? .null : layout.value(bytes)
    case .enumeration(let names, let size):
      let number = number(bytes, 0, size)
      return number < names.count ? .string(names[Int(number)]) : .bytes(Array(bytes.prefix(size)))
    case .uuid: return .string(uuidText(bytes))
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

/// The unsigned number in `size` bytes.
private func number(_ bytes: UnsafeRawBufferPointer, _ offset: Int, _ size: Int) -> UInt64 {
  (0..<size).reduce(0) { $0 | UInt64(bytes[offset + $1]) << UInt64(8 * $1) }
}

/// The same text as Foundation's.
private func uuidText(_ bytes: UnsafeRawBufferPointer) -> String {
  var text = ""
  for (index, byte) in bytes.prefix(16).enumerated() {
    if [4, 6, 8, 10].contains(index) { text += "-" }
    text += (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
  }
  return text
}
