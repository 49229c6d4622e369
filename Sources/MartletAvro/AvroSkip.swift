import MartletColumnar

/// The way over a value that no column needs.
indirect enum AvroSkip {
  case nothing
  case number
  case bytes
  case fixed(Int)
  case all([AvroSkip])
  case array(AvroSkip, takesNoBytes: Bool)
  case map(AvroSkip)
  case union([AvroSkip])

  init(_ schema: AvroSchema) {
    switch schema {
    case .null: self = .nothing
    case .boolean: self = .fixed(1)
    case .int, .long, .enumeration: self = .number
    case .float: self = .fixed(4)
    case .double: self = .fixed(8)
    case .bytes, .string: self = .bytes
    case .fixed(_, let size): self = .fixed(size)
    case .array(let items): self = .array(AvroSkip(items), takesNoBytes: items.takesNoBytes)
    case .map(let values): self = .map(AvroSkip(values))
    case .union(let branches): self = .union(branches.map { AvroSkip($0) })
    case .record(let record): self = .all(record.fields.map { AvroSkip($0.type) })
    case .logical(_, let base): self = AvroSkip(base)
    }
  }

  func skip(_ input: inout AvroInput) throws(ColumnarDamage) {
    switch self {
    case .nothing: break
    case .number: _ = try input.long()
    case .bytes: _ = try input.bytes()
    case .fixed(let size): _ = try input.take(size)
    case .all(let fields): for field in fields { try field.skip(&input) }
    case .array(let items, let takesNoBytes):
      try Self.items(&input, takesNoBytes) { (input) throws(ColumnarDamage) in try items.skip(&input) }
    case .map(let values):
      try Self.items(&input, false) { (input) throws(ColumnarDamage) in
        _ = try input.bytes()
        try values.skip(&input)
      }
    case .union(let branches):
      let index = try input.long()
      guard index >= 0, index < branches.count else { throw .branch(index, branches.count) }
      try branches[Int(index)].skip(&input)
    }
  }

  private static func items(
    _ input: inout AvroInput, _ takesNoBytes: Bool, _ item: (inout AvroInput) throws(ColumnarDamage) -> Void
  ) throws(ColumnarDamage) {
    while true {
      let (count, bytes) = try input.blockOfItems(takesNoBytes: takesNoBytes)
      if count == 0 { return }
      if let bytes {
        _ = try input.take(bytes)
      } else {
        for _ in 0..<count { try item(&input) }
      }
    }
  }
}

extension AvroSchema {
  /// True if no value has any bytes.
  var takesNoBytes: Bool {
    switch self {
    case .null: true
    case .fixed(_, let size): size == 0
    case .record(let record): record.fields.allSatisfy(\.type.takesNoBytes)
    case .logical(_, let base): base.takesNoBytes
    default: false
    }
  }
}

extension ColumnarDamage {
  static func branch(_ index: Int64, _ count: Int) -> ColumnarDamage {
    ColumnarDamage("a union of \(count) types has type number \(index)")
  }
}
