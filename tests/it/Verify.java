// Verify PATH... - have the JVM verify every class of these jars, which are in
// the class path, and fail on one that it refuses.

import java.util.jar.JarEntry;
import java.util.jar.JarFile;

class Verify {
    public static void main(String[] args) throws Exception {
        int verified = 0;
        for (String path : args) {
            try (JarFile jar = new JarFile(path)) {
                for (JarEntry entry : jar.stream().toArray(JarEntry[]::new)) {
                    String name = entry.getName();
                    if (!name.endsWith(".class") || name.contains("META-INF"))
                        continue;
                    verify(name.replaceAll("[.]class$", "")
                               .replace('/', '.'));
                    verified++;
                }
            }
        }
        System.out.println(verified + " classes verified");
    }

    // The JVM verifies a class before it initialises it. Some can't be
    // initialised here: they want a screen, or a jar that nobody has.
    private static void verify(String name) {
        try {
            Class.forName(name);
        } catch (VerifyError | ClassFormatError e) {
            throw e;
        } catch (Throwable e) {
            return;
        }
    }
}
