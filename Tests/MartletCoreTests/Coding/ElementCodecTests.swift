import MartletCore
import Testing

private struct Point: Equatable, Sendable {
  var x: Double
  var flag: Bool
}

private struct Place: Codable, Equatable, Sendable {
  enum Kind: String, Codable { case city, village }
  var name: String
  var kind: Kind
  var inhabitants: UInt64
}

private struct Reading: Codable, Equatable, Sendable {
  var sensor: Int8
  var note: String?
  var values: [Double]
  var place: Place?
  var counts: [String: Int]
  var small: Float
}

private enum Event: Codable, Equatable, Sendable {
  case opened
  case moved(x: Int, y: Int)
  case closed(reason: String)
}

private class Base: Codable, @unchecked Sendable {
  var a = 1
}

private final class Sub: Base, @unchecked Sendable {
  var b = ""
  override init() { super.init() }
  enum CodingKeys: CodingKey { case b }
  required init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    b = try container.decode(String.self, forKey: .b)
    try super.init(from: container.superDecoder())
  }
  override func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(b, forKey: .b)
    try super.encode(to: container.superEncoder())
  }
}

/// A value with a hand-written conformance: holds an object, and nests containers.
private struct Holder: Codable {
  var object: Sub
  var grid: [[Int]]

  init(_ object: Sub, _ grid: [[Int]]) {
    self.object = object
    self.grid = grid
  }

  init(from decoder: any Decoder) throws {
    var container = try decoder.unkeyedContainer()
    object = try container.decode(Sub.self)
    var rows = try container.nestedUnkeyedContainer()
    grid = []
    while !rows.isAtEnd { grid.append(try rows.decode([Int].self)) }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.unkeyedContainer()
    try container.encode(object)
    var rows = container.nestedUnkeyedContainer()
    for row in grid { try rows.encode(row) }
  }
}

/// The result of encoding `elements` into one frame and decoding it.
func roundTrip<Element>(_ elements: [Element], _ codec: ElementCodec<Element>) throws -> [Element] {
  let bytes = ByteBuffer()
  try elements.withUnsafeBufferPointer { elements in
    guard let base = elements.baseAddress else { return }
    try codec.appendFrame(base, elements.count, to: bytes)
  }
  let header = try FrameHeader(UnsafeRawBufferPointer(rebasing: bytes.bytes[..<FrameHeader.size]))
  let target = ElementBuffer<Element>()
  try codec.readFrame(header, UnsafeRawBufferPointer(rebasing: bytes.bytes[FrameHeader.size...]), into: target)
  return target.takeArray()
}

@Suite struct ElementCodecTests {
  private func expectRoundTrip<Element: Equatable>(_ elements: [Element]) throws {
    #expect(try roundTrip(elements, try #require(ElementCodec<Element>.make())) == elements)
  }

  @Test func `numbers, Booleans and structures without references survive encoding`() throws {
    try expectRoundTrip([1, -5, .max, .min])
    try expectRoundTrip([true, false])
    try expectRoundTrip([1.5, -0.0, .infinity])
    try expectRoundTrip([Point(x: 1, flag: true), Point(x: -2, flag: false), Point(x: 0, flag: true)])
    try expectRoundTrip([Int?.none, 7])
  }

  @Test func `texts and strings of every length survive encoding`() throws {
    let strings = (0..<200).map { String(repeating: "ä€b", count: $0 % 40) + String($0) } + [""]
    try expectRoundTrip(strings)
    try expectRoundTrip(strings.map { Text($0) })
  }

  @Test func `optionals, arrays and pairs of encodable values survive encoding`() throws {
    try expectRoundTrip([Text("a"), nil, Text("a text that is longer than fifteen bytes"), nil])
    try expectRoundTrip([["a", "b"], [], [String(repeating: "c", count: 100)]])
    try expectRoundTrip([[[1], [], [2, 3]], [], [[]]])
    try expectRoundTrip([Pair(Text("a"), 1), Pair(Text("b"), 2)])
    try expectRoundTrip([Pair(Int8(1), "x"), Pair(Int8(2), "y")])
    try expectRoundTrip([[String?.none, "a"], []])
    try expectRoundTrip([[String]]())
  }

  @Test func `tuples survive encoding, also nested and with gaps between their fields`() throws {
    typealias Nested = (Int8, (Text, [Int]), Bool, String)
    let codec = try #require(ElementCodec<Nested>.make())
    let elements: [Nested] = (0..<50).map { (Int8($0), (Text("key \($0)"), [$0, $0]), $0 % 2 == 0, "s\($0)") }
    let back = try roundTrip(elements, codec)
    #expect(back.elementsEqual(elements) { a, b in a.0 == b.0 && a.1 == b.1 && a.2 == b.2 && a.3 == b.3 })
    let pair = ElementCodec<(Bool, String)>.pair(
      try #require(ElementCodec<Bool>.make()), try #require(ElementCodec<String>.make()))
    let pairs = try roundTrip([(true, "a"), (false, "b")], pair)
    #expect(pairs.elementsEqual([(true, "a"), (false, "b")], by: ==))
  }

  @Test func `Codable values survive encoding`() throws {
    let place = Place(name: "Ulm", kind: .city, inhabitants: .max)
    try expectRoundTrip([
      Reading(sensor: -1, note: nil, values: [], place: place, counts: ["a": 1, "b": -2], small: 0.5),
      Reading(sensor: 7, note: "n", values: [1, .pi], place: nil, counts: [:], small: -1),
    ])
    try expectRoundTrip([Event.opened, .moved(x: 1, y: -1), .closed(reason: "end")])
    try expectRoundTrip([Set(["a", "b"]), []])
    try expectRoundTrip([["a": [1, 2]], [:]])
    let object = Sub()
    object.a = 9
    object.b = "b"
    let back = try roundTrip([Holder(object, [[1], [], [2, 3]])], try #require(ElementCodec<Holder>.make()))
    #expect(back[0].object.a == 9 && back[0].object.b == "b" && back[0].grid == [[1], [], [2, 3]])
  }

  @Test func `types that would lose information have no codec`() {
    #expect(ElementCodec<Sub>.make() == nil)
    #expect(ElementCodec<(Int, Sub)>.make() == nil)
    #expect(ElementCodec<[any Sendable]>.make() == nil)
    #expect(ElementCodec<@Sendable () -> Void>.make() == nil)
  }

  @Test func `the texts of a decoded run share a block of their own`() throws {
    let block = TextBuffer(capacity: 1 << 20)
    block.base.initialize(repeating: UInt8(ascii: "x"), count: 1 << 20)
    let texts = ElementBuffer<Text>()
    texts.reserve(10)
    for i in 0..<10 { (texts.base + i).initialize(to: Text(block.base + i * 1000, count: 20 + i, in: block)) }
    texts.count = 10
    let codec = try #require(ElementCodec<Text>.make())
    #expect(codec.pinnedBytes(texts.base, 10) >= 1 << 20)
    let copies = try codec.copies(of: texts)
    #expect(codec.pinnedBytes(copies.base, 10) < 1000)
    #expect(copies.takeArray() == texts.takeArray())
  }
}
