// Unsafe code. Invariant: an array is made only of buffers whose sizes have been compared with its length, and of
// offsets that have been compared with the data to which they refer.

import MartletColumnar

/// The reading of the columns of one batch, in the order of the schema.
struct ArrowColumns {
  private let header: ArrowBatchHeader
  private let dictionaries: [Int64: ColumnarArray]
  /// The bytes at a place in the body.
  private let body: (Range<Int>) throws -> ColumnarBuffer
  private var node = 0
  private var buffer = 0
  private var view = 0

  init(
    _ header: ArrowBatchHeader, _ dictionaries: [Int64: ColumnarArray],
    body: @escaping (Range<Int>) throws -> ColumnarBuffer
  ) {
    self.header = header
    self.dictionaries = dictionaries
    self.body = body
  }

  /// The values of the fields that are wanted.
  mutating func read(_ fields: [ArrowField], _ wanted: [Bool]) throws -> [ColumnarArray?] {
    // Some column must show that there are so many rows.
    let witness =
      Swift.zip(fields, wanted).contains { $0.type != .null && $1 }
      ? nil
      : fields.firstIndex { field in
        field.type != .null && field.columnType != nil
      }
    guard witness != nil || wanted.contains(true) || header.length <= largestCountWithoutBytes else {
      throw ColumnarDamage("it has \(header.length) rows without values")
    }
    var arrays: [ColumnarArray?] = []
    for (index, field) in fields.enumerated() {
      guard wanted[index] || index == witness else {
        try pass(field)
        arrays.append(nil)
        continue
      }
      let array = try column(field)
      guard array.count == header.length else {
        throw ColumnarDamage("the column '\(field.name)' has \(array.count) values for \(header.length) rows")
      }
      arrays.append(wanted[index] ? array : nil)
    }
    return arrays
  }

  /// Goes past the nodes and buffers of a field.
  private mutating func pass(_ field: ArrowField) throws {
    _ = try nextNode(field)
    if field.dictionary != nil {
      buffer += 2
      return
    }
    buffer += field.type.buffers
    if case .unknown("union", _) = field.type, header.unionsHaveNulls { buffer += 1 }
    if field.type.isView { buffer += try nextViewCount(field) }
    for child in field.children { try pass(child) }
  }

  private mutating func nextNode(_ field: ArrowField) throws -> (length: Int, nullCount: Int) {
    guard node < header.nodes.count else {
      throw ColumnarDamage("it has \(header.nodes.count) columns, but the schema has more: '\(field.name)'")
    }
    defer { node += 1 }
    return header.nodes[node]
  }

  private mutating func nextViewCount(_ field: ArrowField) throws -> Int {
    guard view < header.viewBuffers.count else {
      throw ColumnarDamage("the number of buffers of the column '\(field.name)' is missing")
    }
    defer { view += 1 }
    return header.viewBuffers[view]
  }

  private mutating func nextBuffer(_ field: ArrowField) throws -> ColumnarBuffer {
    guard buffer < header.buffers.count else {
      throw ColumnarDamage("it has \(header.buffers.count) buffers, and none for '\(field.name)'")
    }
    defer { buffer += 1 }
    let place = header.buffers[buffer]
    if place.isEmpty { return ColumnarBuffer() }
    let bytes = try body(place)
    guard let compression = header.compression else { return bytes }
    guard bytes.count >= 8 else { throw ColumnarDamage("a compressed buffer has \(bytes.count) bytes") }
    let length = Int64(littleEndian: bytes.load(0))
    let content = UnsafeRawBufferPointer(rebasing: bytes.bytes[8...])
    let plain = ColumnarBuffer()
    if length == -1 {
      plain.append(copying: content)
      return plain
    }
    switch compression {
    case .lz4: try LZ4.decompress(content, into: plain)
    case .zstandard: try Zstandard.decompress(content, into: plain)
    }
    guard plain.count == length else {
      throw ColumnarDamage("a compressed buffer has \(plain.count) bytes, not the \(length) that it claims")
    }
    return plain
  }

  /// A buffer with space for `count` values.
  mutating func values(_ field: ArrowField, _ count: Int, width: Int) throws -> ColumnarBuffer {
    let buffer = try nextBuffer(field)
    guard count <= buffer.count / width else {
      throw ColumnarDamage("the column '\(field.name)' has \(count) values in \(buffer.count) bytes")
    }
    return buffer
  }

  // MARK: Columns

  private mutating func column(_ field: ArrowField) throws -> ColumnarArray {
    guard let encoding = field.dictionary else { return try plain(field) }
    let node = try nextNode(field)
    guard let dictionary = dictionaries[encoding.id] else {
      throw ColumnarDamage("there is no dictionary \(encoding.id), which the column '\(field.name)' uses")
    }
    let validity = try nulls(field, node)
    let count = node.length
    let width: Int = if case .int(let bits, _) = encoding.index { bits / 8 } else { 4 }
    let numbers = try values(field, count, width: width)
    let array = ColumnarArray(dictionary.type)
    // Long values fill the memory after a few rows.
    let mask = dictionary.memory > 1 << 20 ? 0 : 1023
    for row in 0..<count {
      if let validity, !validity.isSet(row) {
        array.appendNull()
        continue
      }
      let number = numbers.integer(row, encoding.index)
      guard number >= 0, number < dictionary.count else {
        throw ColumnarDamage("the column '\(field.name)' has value number \(number) of \(dictionary.count)")
      }
      array.append(dictionary, Int(number))
      if row & mask == 0, array.memory > Self.largestExpansion { throw tooLarge(field) }
    }
    return array
  }

  /// The most bytes of a column whose values can be much longer than they are in the file.
  private static let largestExpansion = 1 << 31

  private func tooLarge(_ field: ArrowField) -> ColumnarDamage {
    ColumnarDamage("the column '\(field.name)' has more than \(Self.largestExpansion) bytes in one batch")
  }

  /// The bits of valid values; `nil` if all are.
  private mutating func nulls(
    _ field: ArrowField, _ node: (length: Int, nullCount: Int)
  ) throws -> ColumnarBuffer? {
    let bits = try nextBuffer(field)
    if bits.count == 0 || node.nullCount == 0 {
      guard node.nullCount == 0 else { throw ColumnarDamage("the column '\(field.name)' lacks the bits of its nulls") }
      return nil
    }
    guard (node.length + 7) / 8 <= bits.count else {
      throw ColumnarDamage("the column '\(field.name)' has \(node.length) values, but \(bits.count) bytes of bits")
    }
    return bits
  }

  private mutating func plain(_ field: ArrowField) throws -> ColumnarArray {
    guard let type = field.columnType else {
      throw ColumnarDamage(
        "the column '\(field.name)' has the type \(field.unreadable ?? "") of Arrow, which is not read")
    }
    let node = try nextNode(field)
    let count = node.length
    if type == .null {
      guard count <= largestCountWithoutBytes else {
        throw ColumnarDamage("the column '\(field.name)' has \(count) nulls")
      }
      return ColumnarArray(.null, count: count, nullCount: count)
    }
    let validity = try nulls(field, node)
    func array(
      _ values: ColumnarBuffer? = nil, _ offsets: ColumnarBuffer? = nil, _ children: [ColumnarArray] = []
    ) -> ColumnarArray {
      ColumnarArray(
        type, count: count, nullCount: validity == nil ? 0 : node.nullCount, validity: validity, values: values,
        offsets: offsets, children: children)
    }
    switch field.type {
    case .bool:
      let bits = try nextBuffer(field)
      guard (count + 7) / 8 <= bits.count else {
        throw ColumnarDamage("the column '\(field.name)' has \(count) values in \(bits.count) bytes")
      }
      let bytes = ColumnarBuffer(capacity: count)
      for row in 0..<count { bytes.append(bits.isSet(row) ? 1 as UInt8 : 0) }
      return array(bytes)
    case .binary, .utf8:
      let offsets = try offsets(field, count, as: Int32.self)
      return array(try data(field, offsets), offsets)
    case .largeBinary, .largeUTF8:
      let offsets = try offsets(field, count, as: Int64.self)
      return array(try data(field, offsets), offsets)
    case .binaryView, .utf8View:
      let (bytes, offsets) = try views(field, count, validity)
      return array(bytes, offsets)
    case .fixedBinary(let size):
      let bytes = try nextBuffer(field)
      guard size == 0 ? count <= largestCountWithoutBytes : count <= bytes.count / size else {
        throw ColumnarDamage("the column '\(field.name)' has \(count) values in \(bytes.count) bytes")
      }
      return array(bytes, Self.steps(count, size))
    case .list, .map, .largeList:
      let offsets =
        field.type == .largeList
        ? try offsets(field, count, as: Int64.self) : try offsets(field, count, as: Int32.self)
      let child = try column(field.children[0])
      guard (offsets.load(count) as Int64) <= Int64(child.count) else {
        throw ColumnarDamage("the column '\(field.name)' refers to more than its \(child.count) elements")
      }
      if field.type != .map { return array(nil, offsets, [child]) }
      guard child.nullCount == 0 else { throw ColumnarDamage("the map '\(field.name)' has an entry that is null") }
      return array(nil, offsets, child.children)
    case .fixedList(let size):
      let child = try column(field.children[0])
      guard size == 0 ? count <= largestCountWithoutBytes : count <= child.count / size else {
        throw ColumnarDamage("the column '\(field.name)' refers to more than its \(child.count) elements")
      }
      return array(nil, Self.steps(count, size), [child])
    case .structure:
      guard !field.children.isEmpty || count <= largestCountWithoutBytes else {
        throw ColumnarDamage("the column '\(field.name)' has \(count) structures without fields")
      }
      var children: [ColumnarArray] = []
      for child in field.children {
        let child = try column(child)
        guard child.count >= count else {
          throw ColumnarDamage("the column '\(field.name)' has a field with \(child.count) of \(count) values")
        }
        children.append(child)
      }
      let structures = array(nil, nil, children)
      // The fields of a null are null.
      if let validity {
        for row in 0..<count where !validity.isSet(row) { for child in children { child.setNull(row) } }
      }
      return structures
    default: return array(try numbers(field, count, validity))
    }
  }

  private static func steps(_ count: Int, _ size: Int) -> ColumnarBuffer {
    let offsets = ColumnarBuffer(capacity: 8 * (count + 1))
    for row in 0...count { offsets.append(Int64(row * size)) }
    return offsets
  }

  /// The offsets of strings or lists, which never decrease.
  private mutating func offsets<Offset: FixedWidthInteger & BitwiseCopyable>(
    _ field: ArrowField, _ count: Int, as _: Offset.Type
  ) throws -> ColumnarBuffer {
    let source = try nextBuffer(field)
    let offsets = ColumnarBuffer(capacity: 8 * min(count + 1, source.count))
    // An empty column may have no offset at all.
    if count == 0, source.count == 0 {
      offsets.append(0 as Int64)
      return offsets
    }
    guard count < source.count / MemoryLayout<Offset>.size else {
      throw ColumnarDamage("the column '\(field.name)' has \(count) values, but \(source.count) bytes of offsets")
    }
    var last: Int64 = 0
    for row in 0...count {
      let offset = Int64(Offset(littleEndian: source.load(row)))
      guard offset >= last else {
        throw ColumnarDamage("the offsets of the column '\(field.name)' decrease at row \(row)")
      }
      offsets.append(offset)
      last = offset
    }
    return offsets
  }

  private mutating func data(_ field: ArrowField, _ offsets: ColumnarBuffer) throws -> ColumnarBuffer {
    let bytes = try nextBuffer(field)
    let end = offsets.load(offsets.count / 8 - 1) as Int64
    guard end <= Int64(bytes.count) else {
      throw ColumnarDamage("the column '\(field.name)' refers to byte \(end) of \(bytes.count)")
    }
    return bytes
  }

  /// The bytes and offsets of strings that are short, or refer to places in several buffers.
  private mutating func views(
    _ field: ArrowField, _ count: Int, _ validity: ColumnarBuffer?
  ) throws -> (bytes: ColumnarBuffer, offsets: ColumnarBuffer) {
    let views = try values(field, count, width: 16)
    var buffers: [ColumnarBuffer] = []
    for _ in 0..<(try nextViewCount(field)) { buffers.append(try nextBuffer(field)) }
    let bytes = ColumnarBuffer(), offsets = ColumnarBuffer(capacity: 8 * (count + 1))
    offsets.append(0 as Int64)
    for row in 0..<count {
      if validity?.isSet(row) ?? true {
        let view = UnsafeRawBufferPointer(start: views.base + 16 * row, count: 16)
        let length = Int(view.loadUnaligned(as: Int32.self))
        if (0...12).contains(length) {
          bytes.append(copying: UnsafeRawBufferPointer(rebasing: view[4..<4 + length]))
        } else {
          let number = Int(view.loadUnaligned(fromByteOffset: 8, as: Int32.self))
          let start = Int(view.loadUnaligned(fromByteOffset: 12, as: Int32.self))
          guard length > 0, buffers.indices.contains(number), start >= 0, length <= buffers[number].count - start else {
            throw ColumnarDamage("the column '\(field.name)' refers to bytes beyond its buffers in row \(row)")
          }
          bytes.append(copying: UnsafeRawBufferPointer(rebasing: buffers[number].bytes[start..<start + length]))
          if bytes.count > Self.largestExpansion { throw tooLarge(field) }
        }
      }
      offsets.append(Int64(bytes.count))
    }
    return (bytes, offsets)
  }
}

extension ColumnarBuffer {
  /// A bit, which must be there.
  @inline(__always)
  func isSet(_ bit: Int) -> Bool { (load(bit &>> 3) as UInt8) &>> UInt8(bit & 7) & 1 != 0 }

  /// An integer of a type; the largest of 64 bits without a sign are negative.
  func integer(_ row: Int, _ type: ArrowType) -> Int64 {
    switch type {
    case .int(8, true): Int64(load(row) as Int8)
    case .int(8, false): Int64(load(row) as UInt8)
    case .int(16, true): Int64(load(row) as Int16)
    case .int(16, false): Int64(load(row) as UInt16)
    case .int(64, _): load(row) as Int64
    case .int(_, false): Int64(load(row) as UInt32)
    default: Int64(load(row) as Int32)
    }
  }
}
