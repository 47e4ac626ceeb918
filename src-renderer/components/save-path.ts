/** A title without what no file system takes in a name. */
export const safeName = (title: string): string => title.replace(/[\\/:*?"<>|]/g, '-').trim() || 'export'

/** The path with another extension (with its dot), or without one for a folder. Only an extension that exports have is replaced. */
export const pathAs = (path: string, extension: string | null): string =>
  path.replace(/\.(png|gif|webp|csv|npy|parquet|json|onnx)$/i, '') + (extension ?? '')
