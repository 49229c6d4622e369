import MartletAvro
import MartletColumnar
import Testing

@Suite("Schemas of Avro") struct AvroSchemaTests {
  private func fault(_ json: String) -> String {
    do {
      _ = try AvroSchema(json: json)
      return "none"
    } catch { return "\(error)" }
  }

  @Test("A schema is the same after it is written and read") func roundTrip() throws {
    for json in [
      #"{"type":"record","name":"r","fields":[{"name":"a","type":"int"},{"name":"b","type":["null","string"],"default":null}]}"#,
      #"{"type":"record","name":"a.b.R","fields":[{"name":"x","type":{"type":"fixed","name":"F","size":4}},{"name":"y","type":"F"},{"name":"z","type":"a.b.F","aliases":["q"]}]}"#,
      #"{"type":"record","name":"R","namespace":"n","fields":[{"name":"s","type":{"type":"record","name":"S","namespace":"","fields":[]}},{"name":"t","type":{"type":"enum","name":"E","symbols":["A","B"],"default":"A"}},{"name":"u","type":{"type":"map","values":{"type":"array","items":"E"}}}]}"#,
      #"{"type":"record","name":"R","fields":[{"name":"d","type":{"type":"bytes","logicalType":"decimal","precision":5,"scale":2}},{"name":"e","type":{"type":"long","logicalType":"timestamp-micros"}},{"name":"f","type":{"type":"fixed","name":"X","size":8,"logicalType":"decimal","precision":10}},{"name":"g","type":"X"}]}"#,
    ] {
      let schema = try AvroSchema(json: json)
      #expect(try AvroSchema(json: schema.json) == schema)
    }
  }

  @Test("A schema that is wrong is refused with the reason") func refusals() {
    #expect(fault("{").contains("not JSON"))
    #expect(fault(#""strin""#).contains("no type 'strin'"))
    #expect(fault(#"{"type":"record","name":"R"}"#).contains("no fields"))
    #expect(fault(#"{"type":"record","name":"R","fields":[{"name":"a"}]}"#).contains("no type"))
    #expect(
      fault(#"{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"a","type":"int"}]}"#)
        .contains("two fields 'a'"))
    #expect(
      fault(#"{"type":"record","name":"R","fields":[{"name":"next","type":["null","R"]}]}"#)
        .contains("'R' contains itself"))
    #expect(fault("[]").contains("no types"))
    #expect(fault(#"["null",["int"]]"#).contains("contains another"))
    #expect(fault(#"{"type":"enum","name":"E","symbols":["A","A"]}"#).contains("one twice"))
    #expect(fault(#"{"type":"fixed","name":"F","size":-1}"#).contains("no size"))
    #expect(fault("17").contains("in place of a type"))
  }

  @Test("A schema whose names multiply its types is refused") func multiplication() {
    var fields = ""
    for level in 0..<40 {
      let type = level == 0 ? #""int""# : #""L\#(level - 1)""#
      fields +=
        #"{"name":"f\#(level)","type":{"type":"record","name":"L\#(level)","fields":[{"name":"a","type":\#(type)},{"name":"b","type":\#(type)}]}},"#
    }
    #expect(fault(#"{"type":"record","name":"R","fields":[\#(fields.dropLast())]}"#).contains("more than 20000 types"))
  }

  @Test("A nest of schemas that is too deep is refused") func depth() {
    let open = String(repeating: #"{"type":"array","items":"#, count: 100_000)
    #expect(fault(open).contains("not JSON"))
  }

  @Test("Types of columns are those of Spark") func types() throws {
    func type(_ json: String) throws -> ColumnarType { try AvroSchema(json: json).columnType }
    #expect(try type(#"["int","long"]"#) == .int64)
    #expect(try type(#"["double","null","float"]"#) == .double)
    #expect(try type(#"["null","int"]"#) == .int32)
    #expect(
      try type(#"["string","null","int"]"#)
        == .structure([ColumnarField("member0", .string), ColumnarField("member1", .int32)]))
    #expect(try type(#"{"type":"int","logicalType":"time-millis"}"#) == .int32)
    #expect(try type(#"{"type":"long","logicalType":"time-micros"}"#) == .int64)
    #expect(try type(#"{"type":"long","logicalType":"timestamp-millis"}"#) == .instant)
    #expect(try type(#"{"type":"long","logicalType":"local-timestamp-millis"}"#) == .timestamp)
    #expect(try type(#"{"type":"long","logicalType":"no-such-type"}"#) == .int64)
    #expect(try type(#"{"type":"bytes","logicalType":"decimal","precision":4,"scale":9}"#) == .binary)
    #expect(try type(#"{"type":"bytes","logicalType":"decimal","precision":50,"scale":9}"#) == .binary)
    #expect(try type(#"{"type":"string","logicalType":"uuid"}"#) == .string)
  }

  @Test("The schema for columns is the one that Spark writes") func written() throws {
    let schema = try AvroSchema(
      [
        ColumnarField("id", .int64, isNullable: false), ColumnarField("name", .string),
        ColumnarField("price", .decimal(precision: 10, scale: 2), isNullable: false),
        ColumnarField("point", .structure([ColumnarField("x", .date)]), isNullable: false),
      ], recordName: "topLevelRecord", namespace: "")
    #expect(
      schema.json
        == #"{"type":"record","name":"topLevelRecord","fields":[{"name":"id","type":"long"},{"name":"name","type":["string","null"]},{"name":"price","type":{"type":"fixed","name":"fixed","namespace":"topLevelRecord.price","size":5,"logicalType":"decimal","precision":10,"scale":2}},{"name":"point","type":{"type":"record","name":"point","namespace":"topLevelRecord","fields":[{"name":"x","type":[{"type":"int","logicalType":"date"},"null"]}]}}]}"#
    )
    let fault = #expect(throws: AvroSchemaFault.self) {
      _ = try AvroSchema([ColumnarField("a b", .int64)], recordName: "r", namespace: "")
    }
    #expect("\(String(describing: fault))".contains("'a b'"))
  }
}
