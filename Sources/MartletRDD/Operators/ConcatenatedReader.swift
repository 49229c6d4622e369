import MartletCore

/// Reads several readers one after the other; each is made when its turn comes.
final class ConcatenatedReader<Element>: ChunkReader<Element> {
  private var remaining: Range<Int>
  private let make: (Int) throws -> ChunkReader<Element>
  private var current: ChunkReader<Element>?

  init(_ numbers: Range<Int>, _ make: @escaping (Int) throws -> ChunkReader<Element>) {
    remaining = numbers
    self.make = make
  }

  override func next() throws -> Chunk<Element>? {
    while true {
      if let chunk = try current?.next() { return chunk }
      guard let number = remaining.popFirst() else { return nil }
      current = try make(number)
    }
  }
}
