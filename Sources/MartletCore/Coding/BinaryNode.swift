/// The structure of a `Codable` value, between the value and its bytes.
///
/// The bytes are a tag, then the content. Keys are indices into the list of the run's keys, which is written once.
indirect enum BinaryNode {
  case null
  case bool(Bool)
  case signed(Int64)
  case unsigned(UInt64)
  case double(Double)
  case float(Float)
  case string(String)
  case keyed([(key: Int, node: BinaryNode)])
  case unkeyed([BinaryNode])

  /// Deeper nesting is treated as corrupt: reading it could need more stack than there is.
  static let maximumDepth = 128

  func write(to out: ByteBuffer) {
    switch self {
    case .null: out.append(0)
    case .bool(let value): out.append(value ? 2 : 1)
    case .signed(let value):
      out.append(3)
      out.append(variable: UInt64(bitPattern: (value << 1) ^ (value >> 63)))
    case .unsigned(let value):
      out.append(4)
      out.append(variable: value)
    case .double(let value):
      out.append(5)
      out.append(fixed: value.bitPattern)
    case .float(let value):
      out.append(6)
      out.append(fixed: value.bitPattern)
    case .string(let value):
      out.append(7)
      out.append(value)
    case .keyed(let fields):
      out.append(8)
      out.append(variable: UInt64(fields.count))
      for field in fields {
        out.append(variable: UInt64(field.key))
        field.node.write(to: out)
      }
    case .unkeyed(let nodes):
      out.append(9)
      out.append(variable: UInt64(nodes.count))
      for node in nodes { node.write(to: out) }
    }
  }

  init(from bytes: inout ByteReader, keyCount: Int, depth: Int = 0) throws {
    guard depth < Self.maximumDepth else { throw ByteReader.Malformed(reason: "a value in it is nested too deeply") }
    let tag = try bytes.fixed(UInt8.self)
    switch tag {
    case 0: self = .null
    case 1, 2: self = .bool(tag == 2)
    case 3:
      let value = try bytes.variable()
      self = .signed(Int64(bitPattern: (value >> 1) ^ (0 &- (value & 1))))
    case 4: self = .unsigned(try bytes.variable())
    case 5: self = .double(Double(bitPattern: try bytes.fixed(UInt64.self)))
    case 6: self = .float(Float(bitPattern: try bytes.fixed(UInt32.self)))
    case 7: self = .string(try bytes.string())
    case 8:
      self = .keyed(
        try (0..<bytes.count(minimumSize: 2)).map { _ in
          let key = try bytes.variable()
          guard key < UInt64(keyCount) else { throw ByteReader.Malformed(reason: "a key in it is unknown") }
          return (Int(key), try BinaryNode(from: &bytes, keyCount: keyCount, depth: depth + 1))
        })
    case 9:
      self = .unkeyed(
        try (0..<bytes.count()).map { _ in try BinaryNode(from: &bytes, keyCount: keyCount, depth: depth + 1) })
    default: throw ByteReader.Malformed(reason: "a tag in it is unknown")
    }
  }
}

/// The names of fields in one run, with their numbers.
final class BinaryKeys {
  private(set) var names: [String]
  private var numbers: [String: Int] = [:]
  let isJSON: Bool

  init(names: [String] = [], isJSON: Bool = false) {
    self.names = names
    self.isJSON = isJSON
    for (number, name) in names.enumerated() { numbers[name] = number }
  }

  /// The number of `name`, which is added if it is new.
  func number(_ name: String) -> Int {
    if let number = numbers[name] { return number }
    numbers[name] = names.count
    names.append(name)
    return names.count - 1
  }

  /// The number of `name`, if it has one.
  func find(_ name: String) -> Int? { numbers[name] }
}
