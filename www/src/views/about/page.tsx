export default function About() {
    return <h1>About this server</h1>;
}
