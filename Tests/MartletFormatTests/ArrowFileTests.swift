import Foundation
import MartletArrow
import MartletColumnar
import MartletCore
import TestSupport
import Testing

@Suite("Files of Arrow") struct ArrowFileTests {
  private static let fields =
    Sample.fields + [
      ColumnarField("u8", .uint8), ColumnarField("u64", .uint64), ColumnarField("span", .dayTimeInterval),
      ColumnarField("months", .yearMonthInterval), ColumnarField("interval", .interval),
    ]

  private func fill(_ columns: [ColumnarArray], _ rows: Range<Int>) {
    Sample.fill(Array(columns.prefix(Sample.fields.count)), rows)
    let others = columns.suffix(5).map { $0 }
    for row in rows {
      if row % 7 == 2 {
        for column in others { column.appendNull() }
        continue
      }
      others[0].append(UInt8(truncatingIfNeeded: row))
      others[1].append(UInt64.max - UInt64(row))
      others[2].append(ColumnarInterval(microseconds: Int64(row) * 1_000_001))
      others[3].append(ColumnarInterval(months: Int32(row)))
      others[4].append(ColumnarInterval(months: Int32(row), days: -Int32(row), microseconds: Int64(row)))
    }
  }

  private func written(_ format: ArrowWriter.Format, _ rows: Int, step: Int = 1000) throws -> [UInt8] {
    let output = MemoryOutput()
    let writer = try ArrowWriter(output, Self.fields, format: format)
    for start in stride(from: 0, to: rows, by: step) {
      let end = min(rows, start + step)
      fill(writer.columns, start..<end)
      try writer.write(rows: end - start)
    }
    try writer.finish()
    return output.bytes
  }

  private func lines(_ rows: Int) -> [String] {
    let columns = Self.fields.map { ColumnarArray($0.type) }
    fill(columns, 0..<rows)
    return ColumnarBatch(columns, count: rows).lines
  }

  private func failure(_ path: String) -> String {
    do {
      _ = try arrowLines(path)
      return "none"
    } catch { return "\(error)" }
  }

  @Test("Rows of all types are the same after they are written and read", .timeLimit(.minutes(30)))
  func roundTrip() throws {
    let files = try TestFiles()
    for format in [ArrowWriter.Format.stream, .file] {
      for rows in [0, 1, 9, 5000] {
        let path = try files.write(written(format, rows))
        #expect(try arrowLines(path) == lines(rows), "\(format), \(rows) rows")
      }
    }
  }

  @Test("A long file has several batches", .timeLimit(.minutes(30))) func batches() throws {
    let files = try TestFiles()
    let output = MemoryOutput()
    let writer = try ArrowWriter(output, [ColumnarField("n", .int64)], format: .file)
    for start in stride(from: 0, to: 200_000, by: 2000) {
      for row in start..<start + 2000 { writer.columns[0].append(Int64(row)) }
      try writer.write(rows: 2000)
    }
    try writer.finish()
    var batches = ArrowBatches(try ArrowFile(files.write(output.bytes)))
    var counts: [Int] = []
    while let batch = try batches.next() { counts.append(try batch.columns([true]).count) }
    #expect(counts.count == 4 && counts.reduce(0, +) == 200_000)
  }

  @Test(
    "Files of another implementation have the rows that it wrote", .timeLimit(.minutes(30)),
    arguments: [
      "everything.arrow", "everything.arrows", "everything-lz4.arrow", "everything-legacy.arrow",
    ]) func fixtures(name: String) throws
  {
    #expect(try arrowLines(Fixture.path(name)) == Fixture.lines("everything.arrow.txt"))
  }

  @Test("Columns that are not wanted are passed over", .timeLimit(.minutes(30))) func projection() throws {
    let lines = try Fixture.lines("everything.arrow.txt").map { $0.split(separator: "\t") }
    for name in ["everything.arrow", "everything-lz4.arrow"] {
      for column in lines[0].indices {
        let wanted = lines[0].indices.map { $0 == column }
        #expect(try arrowLines(Fixture.path(name), wanted: wanted) == lines.map { String($0[column]) })
      }
    }
  }

  @Test("A dictionary may grow, or be replaced, between batches") func dictionaries() throws {
    #expect(
      try arrowLines(Fixture.path("dictionaries.arrows")) == [
        "\"a\"", "\"b\"", "null", "\"a\"", "\"b\"", "\"c\"", "null", "\"x\"", "null",
      ])
  }

  @Test("A file that ends too early is refused", .timeLimit(.minutes(30))) func truncation() throws {
    let files = try TestFiles()
    for format in [ArrowWriter.Format.stream, .file] {
      let bytes = try written(format, 12)
      for length in 0..<bytes.count {
        let path = try files.write(bytes[..<length])
        #expect(throws: MartletError.self, "\(format), \(length) bytes") { try arrowLines(path) }
      }
    }
  }

  @Test(
    "Damaged files never crash", .timeLimit(.minutes(30)),
    arguments: [
      "stream", "file", "everything-lz4.arrow", "dictionaries.arrows",
    ]) func damage(name: String) throws
  {
    let files = try TestFiles()
    let bytes =
      switch name {
      case "stream": try written(.stream, 30)
      case "file": try written(.file, 30)
      default: try [UInt8](Data(contentsOf: URL(fileURLWithPath: Fixture.path(name))))
      }
    var random = TestRandom(seed: 17)
    var refused = 0
    for _ in 0..<2600 {
      let path = try files.write(random.damaged(bytes))
      do { _ = try arrowLines(path) } catch let error as MartletError {
        #expect(error.message.contains(path))
        refused += 1
      }
    }
    #expect(refused > 1000)
  }

  @Test("Files that are none, or lie, are refused with their message and its place") func refusals() throws {
    let files = try TestFiles()
    func failure(_ bytes: [UInt8]) throws -> String { self.failure(try files.write(bytes)) }
    #expect(try failure([]).contains("it is empty"))
    #expect(try failure(Array("PAR1 and more bytes".utf8)).contains("Cannot read the Arrow file"))
    #expect(try failure(Array("ARROW1\0\0".utf8)).contains("it ends after 8 bytes"))
    let stream = try written(.stream, 12)
    #expect(try failure(Array(stream.dropLast(8))).contains("the mark of the stream's end is missing"))
    // The number of rows of the only batch, which is the only 12 of 64 bits in its metadata.
    var lying = stream
    let start = Int(stream[4]) | Int(stream[5]) << 8 | Int(stream[6]) << 16
    let place = try #require(
      (start + 8..<stream.count - 8).first { at in
        stream[at] == 12 && stream[at + 1..<at + 8].allSatisfy { $0 == 0 }
      })
    lying[place] = 13
    #expect(try failure(lying).contains("message 1, at byte \(start + 8)"))
  }
}
