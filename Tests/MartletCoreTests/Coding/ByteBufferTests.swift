import MartletCore
import Testing

@Suite struct ByteBufferTests {
  @Test func `Bytes within another buffer outlive its variable, and are never overwritten`() {
    var owner: ByteBuffer? = ByteBuffer()
    for byte in UInt8(0)..<100 { owner?.append(byte) }
    let whole = owner.map { ByteBuffer($0.bytes, in: $0) } ?? ByteBuffer()
    let part = owner.map { ByteBuffer(UnsafeRawBufferPointer(rebasing: $0.bytes[10..<20]), in: $0) } ?? ByteBuffer()
    owner = nil
    #expect(Array(part.bytes) == Array(10..<20))
    part.shorten(by: 5)
    part.append(200)
    #expect(Array(part.bytes) == [10, 11, 12, 13, 14, 200])
    let other = ByteBuffer(UnsafeRawBufferPointer(rebasing: whole.bytes[30..<40]), in: whole)
    other.removeAll()
    other.append(201)
    #expect(Array(other.bytes) == [201])
    #expect(Array(whole.bytes) == Array(0..<100))
  }

  @Test func `A buffer keeps its bytes however large it becomes`() {
    let buffer = ByteBuffer()
    for number in 0..<UInt64(1 << 19) { buffer.append(fixed: number) }
    #expect(buffer.count == 4 << 20)
    #expect((0..<1 << 19).allSatisfy { buffer.bytes.load(fromByteOffset: $0 * 8, as: UInt64.self) == UInt64($0) })
  }
}
