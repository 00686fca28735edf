/** What takes so long to be made that it is made only where it is wanted. */
export function once<Made>(make: () => Made): () => Made {
    let made: { readonly value: Made } | undefined;
    return () => (made ??= { value: make() }).value;
}
