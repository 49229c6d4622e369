import MartletCore
import Testing

/// The forms of types without references distinguish a changed type from the former one.
@Suite struct PlainFormTests {
  enum Light: Sendable { case red, green }
  enum Shape: Codable, Hashable, Sendable {
    case square(Double)
    case dot
  }
  enum Bare: Sendable {
    case some(Int)
    case other(Int)
  }
  struct Figure: Codable, Hashable, Sendable {
    var shape: Shape
    var size: Int
  }

  private func form<Value>(_ type: Value.Type) -> String? { ElementCodec<Value>.make()?.form }

  @Test func `Reordered fields, and changed cases, make another form`() {
    let forms: [String?] = [
      {
        struct Sum { var count: Int, total: Int }
        return form(Sum.self)
      }(),
      {
        struct Sum { var total: Int, count: Int }
        return form(Sum.self)
      }(),
      {
        struct Sum { var count: Int, total: UInt }
        return form(Sum.self)
      }(),
      {
        enum Sum { case one, two, three }
        return form(Sum.self)
      }(),
      {
        enum Sum { case one, two }
        return form(Sum.self)
      }(),
      {
        enum Sum { case two, one }
        return form(Sum.self)
      }(),
    ]
    #expect(Set(forms).count == forms.count, "\(forms)")
    #expect(forms[0]?.hasSuffix(".Sum{count: Swift.Int, total: Swift.Int}] 16/8") == true)
    #expect(forms[5]?.hasSuffix(".Sum{.two, .one}] 1/1") == true)
  }

  @Test func `The contents of tuples, optionals and generic types is described`() {
    struct Pole { var light: Light }
    for form in [form((Int, Light).self), form(Light?.self), form(Pole.self)] {
      #expect(form?.contains("PlainFormTests.Light{.red, .green}") == true, "\(form ?? "")")
    }
    #expect(form([Light].self) == "array(\(form(Light.self) ?? ""))")
    #expect(DynamicCodec(form: form((Light, String).self) ?? "")?.isReadable == true)
  }

  @Test func `Forms of numbers, and of types that consist of them, never change`() {
    #expect(form(Int.self) == "raw Swift.Int 8/8")
    #expect(form((Int, Double?).self) == "raw (Swift.Int, Swift.Optional<Swift.Double>) 17/8")
    #expect(form(Pair<Int, Bool>.self) == "raw MartletCore.Pair<Swift.Int, Swift.Bool> 9/8")
    #expect(form(Range<Int>.self) == "raw Swift.Range<Swift.Int> 16/8")
  }

  @Test func `Enumerations whose cases carry values are written in their encoded form`() throws {
    #expect(form(Shape.self) == "codable MartletCoreTests.PlainFormTests.Shape")
    #expect(form(Figure.self) == "codable MartletCoreTests.PlainFormTests.Figure")
    #expect(form((Int, Shape).self)?.hasPrefix("tuple(raw Swift.Int 8/8, codable ") == true)
    let figures = [Figure(shape: .square(2), size: 1), Figure(shape: .dot, size: 7)]
    let pairs = figures.enumerated().map { ($0.offset, $0.element) }
    let codec = try #require(ElementCodec<(Int, Figure)>.makePair())
    let bytes = ByteBuffer()
    try pairs.withUnsafeBufferPointer { try codec.encode($0.baseAddress.unsafelyUnwrapped, 2, into: bytes) }
    let read = ElementBuffer<(Int, Figure)>(capacity: 2)
    try codec.decode(bytes.bytes, 2, to: read.base)
    read.count = 2
    #expect((0..<2).map { read.base[$0].1 } == figures)
  }

  @Test func `Types that cannot be described work within a process, and are not stored for another`() {
    #expect(ElementCodec<Bare>.make() != nil && ElementCodec<Bare>.makeDurable() == nil)
    #expect(ElementCodec<Light>.makeDurable() != nil)
  }
}
