import MartletColumnar

/// A message of Arrow, without its body.
struct ArrowMessage {
  enum Header {
    case schema(ArrowSchema)
    case batch(ArrowBatchHeader)
    case dictionary(id: Int64, ArrowBatchHeader, isDelta: Bool)
  }

  var header: Header
  /// The number of bytes that follow the metadata.
  var bodyLength: Int

  /// - Parameter metadata: the table `Message`.
  init(_ metadata: UnsafeRawBufferPointer) throws(ColumnarDamage) {
    let message = try FlatBuffer(metadata).root
    let version = try message.number(0, 0 as Int16)
    guard version == 3 || version == 4 else {
      throw ColumnarDamage("it has version V\(version + 1) of Arrow's metadata; versions V4 and V5 are supported")
    }
    let length = try message.number(3, 0 as Int64)
    guard length >= 0 else { throw ColumnarDamage("its body has \(length) bytes") }
    bodyLength = Int(length)
    let kind = try message.number(1, 0 as UInt8)
    guard let table = try message.table(2) else { throw ColumnarDamage("it has no content") }
    switch kind {
    case 1: header = .schema(try ArrowSchema(table))
    case 2:
      guard let data = try table.table(1) else { throw ColumnarDamage("its dictionary has no values") }
      header = .dictionary(
        id: try table.number(0, 0), try ArrowBatchHeader(data, version: version), isDelta: try table.bool(2))
    case 3: header = .batch(try ArrowBatchHeader(table, version: version))
    default: throw ColumnarDamage("it is a message of type number \(kind), which is no table")
    }
  }
}

/// The description of the columns of a batch, in the order of the schema, each before its children.
struct ArrowBatchHeader: Sendable {
  enum Compression: Sendable { case lz4, zstandard }

  /// The number of rows.
  var length: Int
  var nodes: [(length: Int, nullCount: Int)] = []
  /// The places of buffers in the body.
  var buffers: [Range<Int>] = []
  /// For each column of views, its number of further buffers.
  var viewBuffers: [Int] = []
  var compression: Compression?
  /// True before version V5, in which unions have no bits for nulls.
  var unionsHaveNulls: Bool

  init(_ table: FlatTable, version: Int16) throws(ColumnarDamage) {
    unionsHaveNulls = version < 4
    length = try Self.size(try table.number(0, 0 as Int64), "rows")
    let nodes = try table.vector(1, stride: 16)
    for index in 0..<nodes.count {
      let length = try Self.size(try table.buffer.load(nodes.start + 16 * index), "values")
      let nulls = try Self.size(try table.buffer.load(nodes.start + 16 * index + 8), "nulls")
      self.nodes.append((length, nulls))
    }
    let buffers = try table.vector(2, stride: 16)
    for index in 0..<buffers.count {
      let start = try Self.size(try table.buffer.load(buffers.start + 16 * index), "bytes")
      let length = try Self.size(try table.buffer.load(buffers.start + 16 * index + 8), "bytes")
      self.buffers.append(start..<start + length)
    }
    if let compression = try table.table(3) {
      switch try compression.number(0, 0 as UInt8) {
      case 0: self.compression = .lz4
      case 1: self.compression = .zstandard
      case let number: throw ColumnarDamage("it is compressed by method number \(number), which is unknown")
      }
    }
    let views = try table.vector(4, stride: 8)
    for index in 0..<views.count {
      viewBuffers.append(try Self.size(try table.buffer.load(views.start + 8 * index), "buffers"))
    }
  }

  /// A number that is not negative, nor so large that sums of it overflow.
  private static func size(_ number: Int64, _ what: String) throws(ColumnarDamage) -> Int {
    guard number >= 0, number < 1 << 60 else { throw ColumnarDamage("it has \(number) \(what)") }
    return Int(number)
  }
}
