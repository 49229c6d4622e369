import Foundation
import MartletAvro
import MartletColumnar
import MartletCore
import TestSupport
import Testing

@Suite("Files of Avro") struct AvroFileTests {
  private func written(
    _ compression: AvroCompression, _ rows: Int, fields: [ColumnarField] = Sample.fields, schema: AvroSchema? = nil
  ) throws -> [UInt8] {
    let output = MemoryOutput()
    let writer = try AvroWriter(
      output, fields, schema: schema ?? AvroSchema(fields, recordName: "topLevelRecord", namespace: ""),
      compression: compression)
    for start in stride(from: 0, to: rows, by: 100) {
      let end = min(rows, start + 100)
      Sample.fill(writer.columns, start..<end, fields)
      try writer.write(rows: end - start)
    }
    try writer.finish()
    return output.bytes
  }

  private func failure(_ path: String) -> String {
    do {
      _ = try avroLines(path)
      return "none"
    } catch { return "\(error)" }
  }

  /// A file with one column of longs, whose only block is given.
  private func file(_ type: String, _ block: [UInt8], codec: String = "null", marker: UInt8 = 9) -> [UInt8] {
    func string(_ text: String) -> [UInt8] {
      precondition(text.utf8.count < 8192)
      let count = text.utf8.count * 2
      return (count < 128 ? [UInt8(count)] : [UInt8(count & 0x7F) | 0x80, UInt8(count >> 7)]) + Array(text.utf8)
    }
    let schema = #"{"type":"record","name":"r","fields":[{"name":"a","type":\#(type)}]}"#
    return Array("Obj\u{1}".utf8) + [4] + string("avro.schema") + string(schema) + string("avro.codec") + string(codec)
      + [0] + [UInt8](repeating: 9, count: 16) + block
      + (block.isEmpty ? [] : [UInt8](repeating: marker, count: 16))
  }

  @Test("Rows of all types are the same after they are written and read", .timeLimit(.minutes(30)))
  func roundTrip() throws {
    let files = try TestFiles()
    for compression in [AvroCompression.none, .snappy, .deflate] {
      for rows in [0, 1, 7, 3000] {
        let path = try files.write(written(compression, rows))
        #expect(try avroLines(path) == Sample.lines(rows), "\(compression), \(rows) rows")
        #expect(try avroLines(path, limit: 17) == Sample.lines(rows))
      }
    }
  }

  @Test(
    "Files of another implementation have the rows that it wrote", .timeLimit(.minutes(30)),
    arguments: [
      "null", "deflate", "snappy",
    ]) func fixtures(codec: String) throws
  {
    let path = Fixture.path("everything-\(codec).avro")
    #expect(try avroLines(path) == Fixture.lines("everything.avro.txt"))
  }

  @Test("Columns that are not wanted are passed over", .timeLimit(.minutes(30))) func projection() throws {
    let path = Fixture.path("everything-snappy.avro")
    let lines = try Fixture.lines("everything.avro.txt").map { $0.split(separator: "\t") }
    for column in lines[0].indices {
      let wanted = lines[0].indices.map { $0 == column }
      #expect(try avroLines(path, wanted: wanted) == lines.map { String($0[column]) })
    }
    #expect(try avroLines(path, wanted: lines[0].map { _ in false }).count == lines.count)
  }

  @Test("A file that ends too early is refused, unless it ends after a block", .timeLimit(.minutes(30)))
  func truncation() throws {
    let files = try TestFiles()
    let bytes = try written(.snappy, 20)
    let empty = try written(.snappy, 0).count
    for length in 0..<bytes.count {
      let path = try files.write(bytes[..<length])
      if length == empty {
        #expect(try avroLines(path) == [])
      } else {
        #expect(throws: MartletError.self, "\(length) bytes") { try avroLines(path) }
      }
    }
  }

  @Test("Damaged files never crash", .timeLimit(.minutes(30)), arguments: [AvroCompression.none, .snappy, .deflate])
  func damage(compression: AvroCompression) throws {
    let files = try TestFiles()
    let bytes = try written(compression, 30)
    var random = TestRandom(seed: 5)
    var refused = 0
    for _ in 0..<3500 {
      let path = try files.write(random.damaged(bytes))
      do { _ = try avroLines(path) } catch let error as MartletError {
        #expect(error.message.contains(path))
        refused += 1
      }
    }
    #expect(refused > 2500)
  }

  @Test("Files that are none, or lie, are refused with their block and its place") func refusals() throws {
    let files = try TestFiles()
    func failure(_ bytes: [UInt8]) throws -> String { self.failure(try files.write(bytes)) }
    #expect(try failure([]).contains("it is empty"))
    #expect(try failure(Array("PAR1 something".utf8)).contains("does not begin with the bytes of an Avro file"))
    #expect(try failure(Array("Obj\u{1}".utf8)).contains("its header, at byte 4"))
    // A header that claims to have as many entries as there are numbers.
    #expect(
      try failure(Array("Obj\u{1}".utf8) + [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01])
        .contains("does not fit"))
    #expect(try failure(file(#""long""#, [], codec: "xz")).contains("compressed with 'xz'"))
    #expect(try failure(file(#""lang""#, [])).contains("no type 'lang'"))
    let good = file(#""long""#, [2, 2, 6])
    #expect(try avroLines(files.write(good)) == ["3"])
    let place = good.count - 16 - 3
    #expect(try failure(file(#""long""#, [2, 2, 6], marker: 8)).contains("block 1, at byte \(place): the marker"))
    #expect(try failure(file(#""long""#, [1, 2, 6])).contains("it has -1 records"))
    #expect(try failure(file(#""long""#, [2, 1, 6])).contains("in -1 bytes"))
    #expect(try failure(file(#""long""#, [2, 0xFE, 0xFF, 0x03, 6])).contains("it has 32767 bytes, but the file ends"))
    #expect(try failure(file(#""long""#, [8, 2, 6])).contains("1 bytes cannot be 4 records"))
    #expect(try failure(file(#""long""#, [2, 4, 6, 6])).contains("1 bytes follow its 1 records"))
    #expect(try failure(file(#""long""#, [4, 4, 6, 0x80])).contains("record 2, at byte 2 of the block's content"))
    #expect(try failure(file(#""boolean""#, [2, 2, 7])).contains("a boolean is 7"))
    #expect(try failure(file(#""string""#, [2, 4, 0x7F, 65])).contains("a string of -64 bytes"))
    #expect(try failure(file(#""string""#, [2, 4, 40, 65])).contains("a string of 20 bytes does not fit into the 1"))
    #expect(try failure(file(#"["null","int"]"#, [2, 2, 8])).contains("type number 4"))
    #expect(try failure(file(#"["null","int"]"#, [2, 2, 1])).contains("type number -1"))
    #expect(
      try failure(file(#""int""#, [2, 12, 0x80, 0x80, 0x80, 0x80, 0x80, 1])).contains("needs more than 32 bits"))
    #expect(
      try failure(file(#"{"type":"array","items":"long"}"#, [2, 4, 0x7E, 0])).contains("63 items does not fit"))
    // Nulls have no bytes that could limit their number.
    #expect(
      try failure(file(#"{"type":"array","items":"null"}"#, [2, 12, 0x80, 0x80, 0x80, 0x80, 0x80, 8]))
        .contains("items does not fit"))
    #expect(
      try failure(file(#""null""#, [0x80, 0x80, 0x80, 0x80, 0x80, 8, 0])).contains("0 bytes cannot be"))
    #expect(try avroLines(files.write(file(#""null""#, [6, 0]))) == ["null", "null", "null"])
    #expect(
      try failure(file(#"{"type":"bytes","logicalType":"decimal","precision":2}"#, [2, 4, 2, 100]))
        .contains("more than 2 digits"))
  }

  @Test("Bytes that do not have their checksum are refused") func checksum() throws {
    let files = try TestFiles()
    var bytes = try written(.snappy, 3)
    bytes[bytes.count - 17] ^= 1
    #expect(failure(try files.write(bytes)).contains("do not have the checksum"))
  }

  // MARK: Evolution

  @Test("A schema of the reader reorders, renames and promotes fields, and fills in defaults")
  func evolution() throws {
    let files = try TestFiles()
    let fields = [
      ColumnarField("id", .int32, isNullable: false), ColumnarField("name", .string),
      ColumnarField("old", .float, isNullable: false),
    ]
    let path = try files.write(written(.none, 3, fields: fields))
    let reader = try AvroSchema(
      json: #"""
        {"type":"record","name":"topLevelRecord","fields":[
          {"name":"list","type":{"type":"array","items":"int"},"default":[1,2]},
          {"name":"new","type":"double","aliases":["old"]},
          {"name":"id","type":"long"},
          {"name":"point","type":{"type":"record","name":"P","fields":[{"name":"x","type":"int"},{"name":"y","type":["null","string"],"default":null}]},"default":{"x":7}},
          {"name":"raw","type":"bytes","default":"\u00ff"},
          {"name":"maybe","type":["null","int"],"default":null}
        ]}
        """#)
    #expect(
      try avroLines(path, reader: reader)
        == (0..<3).map { row in
          "[1, 2]\t\(Double(Float(row) / 3))\t\(row &* 1_234_567)\t(7, null)\tx'ff'\tnull"
        })
    let nulls = try files.write(written(.none, 5, fields: fields), "nulls")
    func failure(_ field: String) throws -> String {
      let reader = try AvroSchema(json: #"{"type":"record","name":"topLevelRecord","fields":[\#(field)]}"#)
      do {
        _ = try avroLines(nulls, reader: reader)
        return "none"
      } catch { return "\(error)" }
    }
    #expect(try failure(#"{"name":"other","type":"int"}"#).contains("lacks the field 'other', which has no default"))
    #expect(
      try failure(#"{"name":"id","type":"string"}"#).contains("it is int in the file, which cannot be read as string"))
    #expect(try failure(#"{"name":"x","type":"int","default":"a"}"#).contains("the default of the field 'x'"))
    // The column of the file can be null.
    #expect(try failure(#"{"name":"name","type":"string"}"#).contains("a value is null, but string cannot be"))
  }

  @Test("Without a schema of the reader, other files may lack columns, or have other units")
  func laterFiles() throws {
    let files = try TestFiles()
    let first = try AvroSchema(
      json:
        #"{"type":"record","name":"r","fields":[{"name":"a","type":{"type":"long","logicalType":"timestamp-micros"}},{"name":"b","type":"int"}]}"#
    )
    let other = try files.write(file(#"{"type":"long","logicalType":"timestamp-millis"}"#, [2, 2, 6]))
    func lines(_ path: String) throws -> [String] {
      let file = try AvroFile(path)
      let reader = try AvroBlockReader(file, reader: first, isStrict: false, wanted: [true, true])
      var blocks = AvroBlocks(file)
      let block = try #require(try blocks.next())
      try reader.begin(block)
      return try #require(try reader.next(100)).lines
    }
    #expect(try lines(other) == ["3000\tnull"])
    let plain = try files.write(file(#""long""#, [2, 2, 6]), "plain")
    #expect(throws: MartletError.self) { try lines(plain) }
  }

  // MARK: Writing

  @Test("A schema of the user decides the types in the file") func userSchema() throws {
    let files = try TestFiles()
    let fields = [
      ColumnarField("suit", .string), ColumnarField("n", .int32), ColumnarField("t", .instant),
      ColumnarField("p", .decimal(precision: 4, scale: 1)),
    ]
    let schema = try AvroSchema(
      json: #"""
        {"type":"record","name":"R","namespace":"x","fields":[
          {"name":"n","type":["null","long"]},
          {"name":"SUIT","type":{"type":"enum","name":"S","symbols":["A","B"]}},
          {"name":"t","type":{"type":"long","logicalType":"timestamp-millis"}},
          {"name":"p","type":{"type":"bytes","logicalType":"decimal","precision":6,"scale":1}},
          {"name":"extra","type":["null","string"]}
        ]}
        """#)
    let output = MemoryOutput()
    let writer = try AvroWriter(output, fields, schema: schema, compression: .none)
    func add(_ suit: String, _ number: Int32?, _ time: Int64, _ price: Int128) throws {
      Array(suit.utf8).withUnsafeBytes { writer.columns[0].append(bytes: $0) }
      if let number { writer.columns[1].append(number) } else { writer.columns[1].appendNull() }
      writer.columns[2].append(time)
      writer.columns[3].append(price)
      try writer.write(rows: 1)
    }
    try add("B", 7, -1, -9999)
    try add("A", nil, 2500, 0)
    let error = #expect(throws: MartletError.self) { try add("C", 1, 1, 1) }
    #expect(
      error?.message.contains("Row 3") == true && error?.message.contains("'C' is none of the symbols A, B") == true)
    let good = MemoryOutput()
    let again = try AvroWriter(good, fields, schema: schema, compression: .none)
    for (column, other) in zip(again.columns, writer.columns) { #expect(column.type == other.type) }
    Array("A".utf8).withUnsafeBytes { again.columns[0].append(bytes: $0) }
    again.columns[1].append(7 as Int32)
    again.columns[2].append(-1 as Int64)
    again.columns[3].append(-9999 as Int128)
    try again.write(rows: 1)
    try again.finish()
    #expect(try avroLines(files.write(good.bytes)) == ["7\t\"A\"\t-1000\t-9999\tnull"])
    func fault(_ json: String) -> String {
      do {
        _ = try AvroWriter(MemoryOutput(), fields, schema: AvroSchema(json: json), compression: .none)
        return "none"
      } catch { return "\(error)" }
    }
    #expect(fault(#"{"type":"record","name":"R","fields":[]}"#).contains("no field for the column 'suit'"))
    #expect(fault(#""int""#).contains("the schema is int"))
  }

  @Test("A union is written from the members of a struct, as it is read") func unions() throws {
    let files = try TestFiles()
    let schema = try AvroSchema(
      json: #"{"type":"record","name":"R","fields":[{"name":"u","type":["string","null","int"]}]}"#)
    let output = MemoryOutput()
    let writer = try AvroWriter(output, try schema.columns, schema: schema, compression: .none)
    let union = writer.columns[0]
    union.appendNull()
    union.children[0].appendNull()
    union.children[1].append(5 as Int32)
    union.appendValidParent()
    Array("five".utf8).withUnsafeBytes { union.children[0].append(bytes: $0) }
    union.children[1].appendNull()
    union.appendValidParent()
    try writer.write(rows: 3)
    try writer.finish()
    #expect(try avroLines(files.write(output.bytes)) == ["null", "(null, 5)", "(\"five\", null)"])
  }
}
