import Foundation
import MartletCore
import Testing

private struct Point: Codable, Hashable {
  var x: Int
  var label: String
}

private struct Plain { var a: Int32 }
private enum Colour { case red, green, blue }
private enum Sole { case only }
private struct Pixel {
  var x: Int32
  var isLit: Bool
  var colour: Colour
  var isDirty: Bool
}
private struct Picture {
  var id: UInt8
  var first: Pixel
  /// Right after the last byte of `first`.
  var depth: Int8
  var corners: (from: Int16, to: Double)
  var maximum: Int?
  var back: Colour?
  var sole = Sole.only
}
private struct Box<Content> {
  var content: Content
  var count: Int16
}

@Suite struct DynamicCodecTests {
  /// The JSON of `values`, decoded with the form alone.
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
    // If some bytes are missing, reading ends, and does not continue elsewhere.
    #expect(bytes.count > 0, sourceLocation: sourceLocation)
    for length in 0..<bytes.count {
      var part = ByteReader(UnsafeRawBufferPointer(rebasing: bytes.bytes[..<length]))
      #expect(throws: ByteReader.Malformed.self, sourceLocation: sourceLocation) {
        try dynamic.read(values.count, &part)
      }
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

  @Test func `A type with only a known size is read as its bytes`() throws {
    #expect(DynamicCodec(form: "raw App.Plain 4/4")?.isReadable == false)
    #expect(try read([SIMD2<Int8>(1, 2)]) == #"[{"hex":"0102"}]"#)
    // Parts that do not add up to the size of the whole; parts that are missing, or ambiguous.
    for description in [
      "App.Plain [App.Plain{a: Swift.Int8}] 4/4", "App.Plain [App.Plain{a: App.Other}] 4/4",
      "App.Plain [App.Plain{a: Swift.Int32}; App.Plain{b: Swift.UInt32}] 4/4",
      "App.Plain [App.Plain{a: App.Plain}] 4/4", "App.Plain [App.Plain{Swift.Int32}] 4/4",
      "App.Plain [App.Plain{.a, b}] 1/1", "App.Plain [App.Plain{.a, .b}] 4/4",
    ] {
      #expect(
        DynamicCodec(form: "raw \(description)") == DynamicCodec(form: "raw App.Unheard \(description.suffix(3))"))
    }
    // Few words for more types than any reader can examine.
    let many = (0..<60).map { "A\($0){a: A\($0 + 1), b: A\($0 + 1)}" }.joined(separator: "; ")
    #expect(DynamicCodec(form: "raw A0 [\(many); A60{}] 0/1")?.isReadable == false)
    // A known name with another size: that of another platform.
    #expect(DynamicCodec(form: "raw Swift.Int 4/4")?.isReadable == false)
  }

  @Test func `Structures and enumerations that are written as their bytes in memory are read field by field`() throws {
    #expect(try read([Plain(a: 258)]) == #"[{"a":258}]"#)
    #expect(try read([Colour.red, .blue]) == #"["red","blue"]"#)
    #expect(try read([(Int8(1), Sole.only)]) == #"[[1,"only"]]"#)
    let lit = Pixel(x: -1, isLit: true, colour: .green, isDirty: false)
    let pixel = #"{"x":-1,"isLit":true,"colour":"green","isDirty":false}"#
    #expect(try read([lit]) == "[\(pixel)]")
    let pictures = [
      Picture(id: 1, first: lit, depth: -7, corners: (from: 3, to: 0.5), maximum: nil, back: .blue),
      Picture(id: 2, first: lit, depth: 8, corners: (from: 4, to: 1), maximum: 9, back: nil),
    ]
    let corners = [#"{"from":3,"to":0.5}"#, #"{"from":4,"to":1.0}"#]
    #expect(
      try read(pictures) == """
        [{"id":1,"first":\(pixel),"depth":-7,"corners":\(corners[0]),"maximum":null,"back":"blue","sole":"only"},\
        {"id":2,"first":\(pixel),"depth":8,"corners":\(corners[1]),"maximum":9,"back":null,"sole":"only"}]
        """)
    #expect(
      try read([Box(content: Box(content: Colour.red, count: 1), count: 2)])
        == #"[{"content":{"content":"red","count":1},"count":2}]"#)
    #expect(try read([(Int8(1), lit)]) == "[[1,\(pixel)]]")
    #expect(try read([(Text("a"), Colour.red)]) == #"[["a","red"]]"#)
    #expect(try read([[Colour.red], []]) == #"[["red"],[]]"#)
  }

  @Test func `Optionals are read with every representation of nil`() throws {
    let lit = Pixel(x: 1, isLit: false, colour: .red, isDirty: true)
    let pixel = #"{"x":1,"isLit":false,"colour":"red","isDirty":true}"#
    #expect(try read([true, nil, false] as [Bool?]) == "[true,null,false]")
    #expect(try read([true, nil, .some(nil)] as [Bool??]) == "[true,null,null]")
    #expect(try read([.green, nil] as [Colour?]) == #"["green",null]"#)
    #expect(try read([.green, nil, .some(nil)] as [Colour??]) == #"["green",null,null]"#)
    #expect(try read([Sole.only, nil] as [Sole?]) == #"["only",null]"#)
    #expect(try read([lit, nil] as [Pixel?]) == "[\(pixel),null]")
    #expect(try read([lit, nil, .some(nil)] as [Pixel??]) == "[\(pixel),null,null]")
    #expect(try read([5, nil, .some(nil)] as [Int??]) == "[5,null,null]")
    #expect(try read([(true, .red), nil] as [(Bool, Colour)?]) == #"[[true,"red"],null]"#)
    #expect(try read([(.red, true), nil] as [(Colour, Bool)?]) == #"[["red",true],null]"#)
    #expect(try read([Box(content: 5, count: 1), nil] as [Box<Int?>?]) == #"[{"content":5,"count":1},null]"#)
    #expect(try read([Box(content: nil, count: 1)] as [Box<Int?>]) == #"[{"content":null,"count":1}]"#)
  }

  @Test func `Ranges, dates and identifiers are read in their common forms`() throws {
    #expect(try read([1..<3]) == #"[{"lowerBound":1,"upperBound":3}]"#)
    #expect(try read([Int8(1)...3]) == #"[{"lowerBound":1,"upperBound":3}]"#)
    #expect(try read([Date(timeIntervalSinceReferenceDate: 1.5)]) == "[1.5]")
    let id = UUID()
    #expect(try read([id, nil]) == "[\"\(id.uuidString)\",null]")
  }

  @Test func `Unknown forms are not guessed`() {
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
