extension ElementCodec {
  /// A codec for `type`, if it is one of these: `Text`, `String`, numbers, `Bool` and other types without references
  /// (raw bytes, if their meaning can be described); optionals, arrays, `Pair`s and tuples of these; any other
  /// `Codable` value type.
  ///
  /// Classes have none: their identity, and the fields of a subclass, would be lost.
  package static func make(for type: Element.Type = Element.self) -> ElementCodec? {
    if type == Text.self { return textCodec() as? ElementCodec }
    if type == String.self { return stringCodec() as? ElementCodec }
    guard _isPOD(type) else { return byParts(for: type) }
    let codec = plain()
    // For example, an enumeration whose cases carry values.
    return codec.isDurable ? codec : byParts(for: type) ?? codec
  }

  /// A codec for bytes that another build of the program may read; `nil` if there is none, or the form does not
  /// describe the bytes completely.
  package static func makeDurable() -> ElementCodec? { make().flatMap { $0.isDurable ? $0 : nil } }

  private static func byParts(for type: Element.Type) -> ElementCodec? {
    if type is AnyClass { return nil }
    if let composite = type as? any CompositeCodecProvider.Type { return composite.makeCodec() as? ElementCodec }
    if let fields = tupleFields(of: type) { return tuple(fields) }
    if let codable = type as? any Codable.Type { return codableCodec(codable) as? ElementCodec }
    return nil
  }

  /// A codec for pairs of the elements of two codecs.
  package static func pair<Key, Value>(_ key: ElementCodec<Key>, _ value: ElementCodec<Value>) -> ElementCodec
  where Element == (Key, Value) {
    _isPOD(Element.self) && key.isPlain && value.isPlain ? plain() : twoFields(key, value, name: "tuple")
  }

  /// A codec for pairs, if there is one for each part.
  package static func makePair<Key, Value>() -> ElementCodec? where Element == (Key, Value) {
    guard let key = ElementCodec<Key>.make(), let value = ElementCodec<Value>.make() else { return nil }
    return pair(key, value)
  }
}

/// Generic types whose codec consists of those of their parts.
protocol CompositeCodecProvider {
  /// An `ElementCodec<Self>`, if the parts have codecs.
  static func makeCodec() -> Any?
}

extension Optional: CompositeCodecProvider {
  static func makeCodec() -> Any? { ElementCodec<Wrapped>.make().map { optionalCodec($0) } }
}

extension Array: CompositeCodecProvider {
  static func makeCodec() -> Any? { ElementCodec<Element>.make().map { arrayCodec($0) } }
}

extension Pair: CompositeCodecProvider {
  static func makeCodec() -> Any? {
    guard let first = ElementCodec<First>.make(), let second = ElementCodec<Second>.make() else { return nil }
    return ElementCodec<Pair>.twoFields(first, second, name: "pair")
  }
}

private func codableCodec<Value: Codable>(_ type: Value.Type) -> Any { binaryCodec(for: type) }
