import MartletCore
import MartletRDD
import MartletSQL
import MartletStreaming
import MartletTesting
import Synchronization
import TestSupport
import Testing

@Suite(
  .timeLimit(.minutes(30)), .enabled(if: EngineAvailability.isInstalledOrRequired, EngineAvailability.advice))
struct JSONLineTests {
  private let spark: SparkSession

  init() throws { spark = try .forTest() }

  private func lines(_ lines: [Text], _ partitions: Int = 2) -> RDD<Text> {
    spark.sparkContext.parallelize(lines, partitions)
  }

  @Test func `lines are rows of a schema`() throws {
    let table = try lines([
      #"{"name":"Ada","age":36,"height":1.7,"on":true}"#,
      #"{"on":false,"age":7,"more":[1],"name":"a name that is long"}"#,
      "", "  ", #"{"name":null,"height":2}"#,
    ]).toJSONDataFrame("name STRING, age INT, height DOUBLE, on BOOLEAN")
    #expect(try table.dtypes.map(\.1) == ["string", "int", "double", "boolean"])
    #expect(
      try table.collect() == [
        Row("Ada", Int32(36), 1.7, true), Row("a name that is long", Int32(7), nil, false), Row(nil, nil, 2.0, nil),
      ])
  }

  @Test func `every type is read`() throws {
    let table = try lines([
      #"{"b":-128,"s":300,"l":9223372036854775807,"f":0.5,"d":1e-3,"c":12.345,"t":{"x": [1, "y"]},"n":7,"z":"aGk=","day":"2024-02-29","ts":"2024-02-29T12:30:00.5+01:00","ntz":"2024-02-29 12:30:00","sec":60,"nan":"NaN"}"#
    ]).toJSONDataFrame(
      "b BYTE, s SHORT, l LONG, f FLOAT, d DOUBLE, c DECIMAL(10,2), t STRING, n STRING, z BINARY, day DATE, ts TIMESTAMP, ntz TIMESTAMP_NTZ, sec TIMESTAMP, nan DOUBLE"
    )
    let row = try #require(try table.collect().first)
    #expect(
      Array(row.values.prefix(10)) == [
        .byte(-128), .short(300), .long(.max), .float(0.5), .double(0.001), .decimal(try #require(SQLDecimal("12.35"))),
        .string(#"{"x":[1,"y"]}"#), .string("7"), .binary(Array("hi".utf8)),
        .date(try #require(SQLDate("2024-02-29"))),
      ])
    #expect(row[10] == .timestamp(SQLTimestamp(microseconds: 1_709_206_200_500_000)))
    #expect(row[11] == .timestampNTZ(try #require(SQLTimestamp("2024-02-29 12:30:00"))))
    #expect(row[12] == .timestamp(SQLTimestamp(microseconds: 60_000_000)))
    #expect(try row.get(13, as: Double.self).isNaN)
  }

  @Test func `a text without an offset is in the session's time zone`() throws {
    spark.conf.set("spark.sql.session.timeZone", "Europe/Berlin")
    let table = try lines([
      #"{"t":"2024-07-01 12:00:00"}"#, #"{"t":"2024-01-01 12:00:00"}"#, #"{"t":"2024-07-01T12:00:00Z"}"#,
    ]).toJSONDataFrame("t TIMESTAMP")
    #expect(
      try table.collect().map { $0[0] }
        == [
          "2024-07-01 10:00:00", "2024-01-01 11:00:00", "2024-07-01 12:00:00",
        ].map { .timestamp(try #require(SQLTimestamp($0))) })
  }

  @Test func `formats of dates and times are options`() throws {
    let table = try lines([#"{"d":"29/02/2024","t":"29.02.2024 12:30"}"#]).toJSONDataFrame(
      "d DATE, t TIMESTAMP", options: ["dateFormat": "dd/MM/yyyy", "timestampFormat": "dd.MM.yyyy HH:mm"])
    #expect(
      try table.collect() == [Row(SQLDate("2024-02-29"), SQLTimestamp("2024-02-29 12:30:00"))])
  }

  private let dirty: [Text] = [
    #"{"a":1,"b":"x"}"#, #"{"a":"one","b":"y"}"#, "no JSON", "[1]", #"{"a":2147483648}"#, #"{"b":"z","a":1.0}"#,
    #"{"a":2,"b":3}"#,
  ]

  @Test func `malformed lines are read as the mode says`() throws {
    let permissive = try lines(dirty).toJSONDataFrame("a INT, b STRING, _corrupt_record STRING")
    #expect(
      try permissive.collect() == [
        Row(Int32(1), "x", nil), Row(nil, "y", #"{"a":"one","b":"y"}"#), Row(nil, nil, "no JSON"), Row(nil, nil, "[1]"),
        Row(nil, nil, #"{"a":2147483648}"#), Row(nil, "z", #"{"b":"z","a":1.0}"#), Row(Int32(2), "3", nil),
      ])
    #expect(try lines(dirty).toJSONDataFrame("a INT").count() == 7)
    let dropping = try lines(dirty).toJSONDataFrame("a INT, b STRING", options: ["mode": "DROPMALFORMED"])
    #expect(try dropping.collect() == [Row(Int32(1), "x"), Row(Int32(2), "3")])
    let message = try errorMessage {
      try lines(dirty).toJSONDataFrame("a INT, b STRING", options: ["mode": "failfast"])
    }
    #expect(message.contains("toJSONDataFrame at "))
    #expect(message.contains("[MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION]"))
    let renamed = try lines(["x"]).toJSONDataFrame(
      "a INT, bad STRING", options: ["columnNameOfCorruptRecord": "bad"])
    #expect(try renamed.collect() == [Row(nil, "x")])
  }

  @Test func `malformed lines are the same as in files`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/lines.json"
      try SystemFile.create(path).write(Array(dirty.map { "\($0)\n" }.joined().utf8))
      for schema in ["a INT, b STRING, _corrupt_record STRING", "b STRING, a DOUBLE", "a STRING"] {
        for mode in ["PERMISSIVE", "DROPMALFORMED"] {
          let file = spark.read.schema(schema).option("mode", mode).json(path)
          let own = try lines(dirty, 1).toJSONDataFrame(schema, options: ["mode": mode])
          #expect(try own.collect() == file.collect(), "\(schema) \(mode)")
        }
      }
    }
  }

  @Test func `arrays, maps and structs are read`() throws {
    let table = try lines([
      #"{"a":[1,null,3],"m":{"x":1.5,"y":null},"s":{"n":"Ada","t":["p","q"],"u":{"v":true}}}"#,
      #"{"a":[],"s":{"n":"B"}}"#,
      #"{"a":[1,"x"]}"#,
    ]).toJSONDataFrame(
      "a ARRAY<BIGINT>, m MAP<STRING, DOUBLE>, s STRUCT<n: STRING, t: ARRAY<STRING>, u: STRUCT<v: BOOLEAN>>, _corrupt_record STRING"
    )
    try table.createOrReplaceTempView("nested")
    let rows = try spark.sql("SELECT get(a, 0), size(a), m['x'], s.n, s.t[1], s.u.v, _corrupt_record FROM nested")
      .collect()
    #expect(
      rows == [
        Row(1, Int32(3), 1.5, "Ada", "q", true, nil), Row(nil, Int32(0), nil, "B", nil, nil, nil),
        Row(1, Int32(2), nil, nil, nil, nil, #"{"a":[1,"x"]}"#),
      ])
  }

  @Test func `columns are inferred from all lines`() throws {
    let table = try lines([
      #"{"z":1,"a":"x","big":9223372036854775808,"m":true}"#, #"{"z":2.5,"n":null,"m":"t","o":{"q":1,"e":{}}}"#,
      #"{"list":[1,2.5,null],"o":{"p":[{"r":1},{"s":false}]}}"#,
    ]).toJSONDataFrame()
    #expect(
      try table.dtypes.map { "\($0.0) \($0.1)" } == [
        "a string", "big decimal(19,0)", "list array<double>", "m string", "n string",
        "o struct<p:array<struct<r:bigint,s:boolean>>,q:bigint>", "z double",
      ])
    #expect(
      try table.selectExpr("z", "m", "o.p[1].s").collect() == [
        Row(1.0, "true", nil), Row(2.5, "t", nil), Row(nil, nil, false),
      ])
    let dirty = try lines([#"{"a":1}"#, "x"]).toJSONDataFrame()
    #expect(try dirty.collect() == [Row(nil, 1), Row("x", nil)])
    #expect(try dirty.columns == ["_corrupt_record", "a"])
    #expect(try lines([#"{"a":1}"#, "x"]).toJSONDataFrame(options: ["mode": "DROPMALFORMED"]).collect() == [Row(1)])
    #expect(
      try lines([#"{"a":1,"b":true}"#]).toJSONDataFrame(options: ["primitivesAsString": "true"]).collect() == [
        Row("1", "true")
      ])
  }

  @Test func `mistakes name the call`() throws {
    let unknown = try errorMessage { try lines([]).toJSONDataFrame("a INT", options: ["mod": "x"]) }
    #expect(unknown.contains("toJSONDataFrame at "))
    #expect(unknown.contains("Did you mean mode?"))
    #expect(try errorMessage { try lines([]).toJSONDataFrame("a INTT") }.contains("toJSONDataFrame at "))
    #expect(
      try errorMessage { try lines(["x"]).toJSONDataFrame(options: ["mode": "DROPMALFORMED"]) }.contains(
        "[UNABLE_TO_INFER_SCHEMA]"))
    #expect(
      try errorMessage { try lines([]).toJSONDataFrame("_corrupt_record INT") }.contains("must be of type string"))
    #expect(try lines([]).toJSONDataFrame("a INT").collect().isEmpty)
  }

  @Test func `hostile names and values stay what they are`() throws {
    let name = #"a"; DROP TABLE x; -- `'"#
    let schema = StructType([StructField(name, .string), StructField("é", .long)])
    let json: Text = #"{"a\"; DROP TABLE x; -- `'":"'; DROP TABLE y; --","é":1}"#
    let table = try lines([json]).toJSONDataFrame(schema)
    #expect(try table.columns == [name, "é"])
    #expect(try table.collect() == [Row("'; DROP TABLE y; --", 1)])
  }

  @Test func `the batches of a stream are tables, and queries of them streams`() throws {
    let test = TestStreamingContext()
    let batches: [[Text]] = [
      [#"{"channel":"a","price":1}"#, #"{"channel":"b","price":5}"#, #"{"channel":"a","price":3}"#], [], ["x"],
    ]
    let lines = test.stream(batches)
    let seen = Mutex<[[Row]]>([])
    lines.foreachDataFrame(json: "channel STRING, price DOUBLE") { bids, time in
      let rows = try bids.collect()
      seen.withLock { $0.append(rows) }
    }
    lines.foreachDataFrame(json: "channel STRING", options: ["mode": "DROPMALFORMED"]) { bids, time in
      let rows = try await bids.collect()
      seen.withLock { $0.append(rows) }
    }
    let top = lines.transformSQL(
      "SELECT channel, max(price) AS price FROM batch WHERE channel IS NOT NULL GROUP BY channel ORDER BY channel",
      json: "channel STRING, price DOUBLE")
    top.foreachRDD { rdd in
      let rows = try rdd.collect()
      seen.withLock { $0.append(rows) }
    }
    try test.start()
    for _ in 0..<3 { try test.runBatch() }
    test.stop()
    #expect(
      seen.withLock { $0 } == [
        [Row("a", 1.0), Row("b", 5.0), Row("a", 3.0)], [Row("a"), Row("b"), Row("a")], [Row("a", 3.0), Row("b", 5.0)],
        [], [], [], [Row(nil, nil)], [], [],
      ])
  }

  @Test func `many lines in several partitions are read in their order`() throws {
    let lines = spark.sparkContext.range(0, 20_000, numSlices: 4).map { number -> Text in
      number % 2 == 0
        ? "{\"n\":\(number),\"s\":\"text number \(number) of many\"}" : "{\"s\":\"t\\n\(number)\",\"n\":\(number)}"
    }
    let rows = try lines.toJSONDataFrame("n BIGINT, s STRING").collect()
    #expect(rows == (0..<20_000).map { Row($0, $0 % 2 == 0 ? "text number \($0) of many" : "t\n\($0)") })
  }
}
