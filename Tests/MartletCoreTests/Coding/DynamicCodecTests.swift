import MartletCore
import Testing

private struct Point: Codable, Hashable {
  var x: Int
  var label: String
}

private struct Plain { var a: Int32 }

@Suite struct DynamicCodecTests {
  /// What comes out of `values` as JSON, read knowing the form alone.
  private func read<Value>(_ values: [Value], sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
    let codec = try #require(ElementCodec<Value>.make(), sourceLocation: sourceLocation)
    let bytes = ByteBuffer()
    try values.withUnsafeBufferPointer { values in
      try codec.encode(try #require(values.baseAddress), values.count, into: bytes)
    }
    let dynamic = try #require(DynamicCodec(form: codec.form), sourceLocation: sourceLocation)
    var reader = ByteReader(bytes.bytes)
    let found = try dynamic.read(values.count, &reader)
    #expect(reader.left == 0, sourceLocation: sourceLocation)
    // Whatever the bytes are, reading them ends, and reads nothing else.
    for length in 0..<bytes.count {
      var part = ByteReader(UnsafeRawBufferPointer(rebasing: bytes.bytes[..<length]))
      _ = try? dynamic.read(values.count, &part)
    }
    withExtendedLifetime(bytes) {}
    return DynamicValue.array(found).description
  }

  @Test func `Values are read from their form alone`() throws {
    #expect(try read([Text("a"), Text("too long to be inline")]) == #"["a","too long to be inline"]"#)
    #expect(try read(["", "\"\n\u{1}"]) == #"["","\"\n\u0001"]"#)
    #expect(try read([1, -1, Int.min]) == "[1,-1,-9223372036854775808]")
    #expect(try read([UInt8.max, 0]) == "[255,0]")
    #expect(try read([Int16(-2)]) == "[-2]")
    #expect(try read([0.1, -.infinity]) == #"[0.1,"-inf"]"#)
    #expect(try read([Float(0.1)]) == "[0.1]")
    #expect(try read([true, false]) == "[true,false]")
    #expect(try read([1, nil] as [Int?]) == "[1,null]")
    #expect(try read(["a", nil] as [String?]) == #"["a",null]"#)
    #expect(try read([[1, 2], []]) == "[[1,2],[]]")
    #expect(try read([[["a"]], []]) == #"[[["a"]],[]]"#)
    #expect(try read([(Int8(1), 2)]) == "[[1,2]]")
    #expect(try read([(start: 1, rate: 0.5)]) == #"[{"start":1,"rate":0.5}]"#)
    #expect(try read([(Text("a"), 1, ["b"])]) == #"[["a",1,["b"]]]"#)
    #expect(try read([Pair(Text("a"), 1)]) == #"[["a",1]]"#)
    #expect(try read([Pair(Int8(1), 2)]) == "[[1,2]]")
    let points = [Point(x: 1, label: "a"), Point(x: 2, label: "b")]
    #expect(try read(points) == #"[{"x":1,"label":"a"},{"x":2,"label":"b"}]"#)
    #expect(try read([["a": 1]]) == #"[{"a":1}]"#)
  }

  @Test func `A type of which only the size is known comes as its bytes`() throws {
    #expect(try read([Plain(a: 258)]) == #"[{"hex":"02010000"}]"#)
    #expect(DynamicCodec(form: "raw App.Plain 4/4")?.isReadable == false)
    // A name that we know, of another size: another platform's.
    #expect(DynamicCodec(form: "raw Swift.Int 4/4")?.isReadable == false)
  }

  @Test func `Forms that no release before has written are not guessed at`() {
    for form in ["", "text2", "raw", "raw Swift.Int", "tuple(text", "tuple(text, strange)", "set(text)"] {
      #expect(DynamicCodec(form: form) == nil, "\(form)")
    }
  }

  @Test func `The name of a private type is the same in every process`() {
    #expect(typeName(Plain.self) == "MartletCoreTests.(private).Plain")
    #expect(typeName([Plain?].self) == "Swift.Array<Swift.Optional<MartletCoreTests.(private).Plain>>")
    #expect(ElementCodec<Point>.make()?.form == "codable MartletCoreTests.(private).Point")
  }
}
