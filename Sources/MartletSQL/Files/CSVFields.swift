// Unsafe code. Invariant: a line is followed by `MARTLET_PADDING` readable bytes, and bits beyond its end are cleared from
// the masks of its blocks.

private import CMartlet
internal import MartletCore
internal import MartletDuckDB

/// Lines of CSV whose separator, quote and escape are one byte each.
struct CSVFields: LineFormat {
  var types: [DataType]
  var separator: UInt8
  var quote: UInt8
  var escape: UInt8
  var comment: UInt8?
  /// The text that stands for no value, besides the empty one.
  var null: [UInt8]
  /// The value of a field that has only quotes.
  var empty: String
  var zone: FileZone

  func reader(first: Int) -> CSVFieldReader { CSVFieldReader(self, first) }
}

final class CSVFieldReader: LineFieldReader {
  private let format: CSVFields
  private let first: Int
  /// The fields whose values are needed. All, if it must be known whether a line parses.
  private var isWanted: [Bool] = []
  private var last = 0
  private var zone: FileZone

  init(_ format: CSVFields, _ first: Int) {
    self.format = format
    zone = format.zone
    self.first = first
  }

  func begin(_ output: RowOutput, needsVerdict: Bool) {
    isWanted = format.types.indices.map { needsVerdict || output.isWanted(first + $0) }
    last = isWanted.lastIndex(of: true) ?? -1
  }

  func write(_ line: UnsafeBufferPointer<UInt8>, _ output: RowOutput, _ row: Int) -> Bool? {
    guard let base = line.baseAddress, let start = line.first, start != format.comment else { return nil }
    if start == 0x20 || start == 0x09, line.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { return nil }
    if hasQuote(base, line.count) { return writeQuoted(line, output, row) }
    var index = 0, begin = 0, block = 0
    var parses = true
    while block < line.count {
      var separators = martlet_mask64(base + block, format.separator) & Self.inLine(line.count &- block)
      while separators != 0 {
        let end = block &+ separators.trailingZeroBitCount
        separators &= separators &- 1
        if index < isWanted.count, isWanted[index] {
          let field = UnsafeBufferPointer(start: base + begin, count: end &- begin)
          if !writeField(field, index, output, row) { parses = false }
        }
        index &+= 1
        begin = end &+ 1
      }
      block &+= 64
    }
    if index < isWanted.count, isWanted[index] {
      let field = UnsafeBufferPointer(start: base + begin, count: line.count &- begin)
      if !writeField(field, index, output, row) { parses = false }
    }
    return finish(index &+ 1, parses, output, row)
  }

  @inline(__always)
  private func hasQuote(_ base: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    var block = 0
    while block < count {
      if martlet_mask64(base + block, format.quote) & Self.inLine(count &- block) != 0 { return true }
      block &+= 64
    }
    return false
  }

  /// The bits of a block that belong to a line with `left` more bytes.
  @inline(__always)
  private static func inLine(_ left: Int) -> UInt64 { left >= 64 ? .max : (1 << UInt64(left)) &- 1 }

  /// Writes a line with quotes.
  @inline(never)
  private func writeQuoted(_ line: UnsafeBufferPointer<UInt8>, _ output: RowOutput, _ row: Int) -> Bool {
    let fields = CSVLine.fields(
      String(decoding: line, as: UTF8.self), separator: String(UnicodeScalar(format.separator)),
      quote: String(UnicodeScalar(format.quote)), escape: String(UnicodeScalar(format.escape)), trimsStart: false,
      trimsEnd: false, empty: format.empty)
    var parses = true
    for (index, field) in fields.enumerated() where index < isWanted.count && isWanted[index] {
      var field = field
      if !field.withUTF8({ writeField($0, index, output, row) }) { parses = false }
    }
    return finish(fields.count, parses, output, row)
  }

  @inline(__always)
  private func writeField(
    _ field: UnsafeBufferPointer<UInt8>, _ index: Int, _ output: RowOutput, _ row: Int
  ) -> Bool {
    if field.isEmpty || !format.null.isEmpty && field.elementsEqual(format.null) {
      output.writeNull(first &+ index, row)
      return true
    }
    let type = format.types[index]
    if type == .timestamp {
      if let time = FieldBytes.time(field) {
        output.write(time.isUTC ? time.microseconds : zone.utc(time.microseconds), first &+ index, row)
        return true
      }
    } else if FieldBytes.write(field, type, output, first &+ index, row) {
      return true
    }
    output.writeNull(first &+ index, row)
    return false
  }

  /// Fills the columns for which the line has no field.
  @inline(__always)
  private func finish(_ count: Int, _ parses: Bool, _ output: RowOutput, _ row: Int) -> Bool {
    if count <= last { for index in count...last { output.writeNull(first &+ index, row) } }
    return parses && count == format.types.count
  }
}
