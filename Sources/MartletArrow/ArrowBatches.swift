package import MartletColumnar
import MartletCore

/// The batches of a file one after another.
package struct ArrowBatches: Sendable {
  private let file: ArrowFile
  private var dictionaries = ArrowDictionaries()
  /// The number of the next message, from 1.
  private var number = 1
  private var offset: Int
  private var hasEnded = false

  package init(_ file: ArrowFile) {
    self.file = file
    offset = file.start
    dictionaries.fields = ArrowDictionaries.fields(of: file.schema.fields)
  }

  /// The next batch, whose columns have not been read; `nil` at the end.
  /// - Throws: `MartletError(.corruptData)` with the number of the message and its place.
  package mutating func next() throws -> ArrowBatch? {
    guard !hasEnded else { return nil }
    return try file.listed == nil ? nextOfStream() : nextOfFile()
  }

  private mutating func nextOfStream() throws -> ArrowBatch? {
    while true {
      let place = offset
      do {
        guard let message = try file.reader.message(at: place) else {
          hasEnded = true
          return nil
        }
        defer {
          number += 1
          offset = message.next
        }
        switch message.header {
        case .batch(let header): return batch(header, message, place)
        case .dictionary(let id, let header, let isDelta):
          try dictionaries.add(id, header, isDelta, body(of: message))
        case .schema: throw ColumnarDamage("the stream has a second schema")
        }
      } catch let damage as ColumnarDamage { throw file.failure(damage, number, place) }
    }
  }

  private mutating func nextOfFile() throws -> ArrowBatch? {
    guard let listed = file.listed else { return nil }
    // All dictionaries precede the batches that use them, wherever they are in the file.
    while number <= listed.dictionaries.count {
      let place = listed.dictionaries[number - 1]
      do {
        let message = try file.reader.message(place)
        guard case .dictionary(let id, let header, let isDelta) = message.header else {
          throw ColumnarDamage("it is listed as a dictionary, and is none")
        }
        try dictionaries.add(id, header, isDelta, body(of: message))
      } catch let damage as ColumnarDamage { throw file.failure(damage, number, place.offset) }
      number += 1
    }
    let index = number - 1 - listed.dictionaries.count
    guard index < listed.batches.count else {
      hasEnded = true
      return nil
    }
    let place = listed.batches[index]
    do {
      let message = try file.reader.message(place)
      guard case .batch(let header) = message.header else {
        throw ColumnarDamage("it is listed as a batch, and is none")
      }
      defer { number += 1 }
      return batch(header, message, place.offset)
    } catch let damage as ColumnarDamage { throw file.failure(damage, number, place.offset) }
  }

  private func batch(_ header: ArrowBatchHeader, _ message: ArrowPlacedMessage, _ offset: Int) -> ArrowBatch {
    ArrowBatch(
      file: file, header: header, dictionaries: dictionaries.values, number: number, offset: offset,
      body: body(of: message))
  }

  private func body(of message: ArrowPlacedMessage) -> ArrowBody {
    ArrowBody(reader: file.reader, start: message.body, length: message.bodyLength)
  }
}

/// The body of a message.
struct ArrowBody: Sendable {
  let reader: ArrowBytes
  let start: Int
  let length: Int

  func read(_ range: Range<Int>) throws -> ColumnarBuffer {
    guard range.upperBound <= length else {
      throw ColumnarDamage("it refers to byte \(range.upperBound) of its body, which has \(length)")
    }
    return try reader.read(start + range.lowerBound..<start + range.upperBound)
  }
}

/// The dictionaries that have been read so far.
struct ArrowDictionaries: Sendable {
  /// The fields with values of each dictionary.
  var fields: [Int64: ArrowField] = [:]
  private(set) var values: [Int64: ColumnarArray] = [:]

  static func fields(of fields: [ArrowField]) -> [Int64: ArrowField] {
    var found: [Int64: ArrowField] = [:]
    for field in fields {
      if let dictionary = field.dictionary {
        var values = field
        values.dictionary = nil
        found[dictionary.id] = values
      }
      found.merge(Self.fields(of: field.children)) { first, _ in first }
    }
    return found
  }

  /// Adds a dictionary, or values to one.
  mutating func add(_ id: Int64, _ header: ArrowBatchHeader, _ isDelta: Bool, _ body: ArrowBody) throws {
    guard let field = fields[id] else { throw ColumnarDamage("no column has the dictionary \(id)") }
    // A dictionary that no column can read is not needed.
    guard field.columnType != nil else { return }
    var columns = ArrowColumns(header, values) { try body.read($0) }
    guard let new = try columns.read([field], [true]).first ?? nil else { return }
    guard isDelta, let old = values[id] else {
      values[id] = new
      return
    }
    // Batches that were read before refer to the old values.
    let all = ColumnarArray(old.type)
    for array in [old, new] { for row in 0..<array.count { all.append(array, row) } }
    values[id] = all
  }
}

/// A batch whose columns have not been read. One thread at a time reads it.
package struct ArrowBatch: Sendable {
  package let file: ArrowFile
  private let header: ArrowBatchHeader
  private let dictionaries: [Int64: ColumnarArray]
  private let number: Int
  private let offset: Int
  private let body: ArrowBody

  init(
    file: ArrowFile, header: ArrowBatchHeader, dictionaries: [Int64: ColumnarArray], number: Int, offset: Int,
    body: ArrowBody
  ) {
    self.file = file
    self.header = header
    self.dictionaries = dictionaries
    self.number = number
    self.offset = offset
    self.body = body
  }

  /// Reads the columns that are wanted; the bytes of others are not read.
  /// - Throws: `MartletError(.corruptData)` with the number of the message and its place.
  package func columns(_ wanted: [Bool]) throws -> ColumnarBatch {
    var columns = ArrowColumns(header, dictionaries) { [body] in try body.read($0) }
    do {
      return ColumnarBatch(try columns.read(file.schema.fields, wanted), count: header.length)
    } catch let damage as ColumnarDamage { throw file.failure(damage, number, offset) }
  }
}
